export { answered, newClient, type Client } from "./client";
export { once, settle, undecidedRequest } from "./command";
export { loadConfig, parseConfig, type Config } from "./config";
export * as format from "./format";
export {
  LANGUAGES,
  LanguageProvider,
  preferredLanguage,
  storedLanguage,
  useLanguage,
  useWords,
  type Dictionary,
  type Language,
} from "./language";
export { MESSAGES } from "./messages";
export { usePages, type Page } from "./paging";
export { forgetPersonal, readPersonal, removePersonal, writePersonal } from "./personal";
export { ApiError, type Code } from "./problem";
export { ShopProvider, useProblemWords, useShop, useSigned, useOutage, type Outage } from "./react";
export type { components, operations, paths } from "./schema";
export { Session, type Person, type Signed, type SignInStep } from "./session";
