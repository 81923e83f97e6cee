import type { Language } from "@millrun/api";

/** Each language's own name. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", "zh-TW": "繁體中文" };
