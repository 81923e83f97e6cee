import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { newClient, type Client } from "./client";
import type { Config } from "./config";
import { LanguageProvider, preferredLanguage, storedLanguage, useLanguage } from "./language";
import { MESSAGES } from "./messages";
import { ApiError } from "./problem";
import { Session, type Signed } from "./session";

interface Shop {
  config: Config;
  session: Session;
  client: Client;
}

const Context = createContext<Shop | undefined>(undefined);

/** The context of every screen: the API client, the session, the language and the cache. */
export function ShopProvider({
  page,
  config,
  children,
}: {
  page: "shop" | "console";
  config: Config;
  children: ReactNode;
}) {
  const [shop] = useState(() => newShop(page, config));
  const [queries] = useState(newQueries);
  useEffect(() => {
    let person = shop.session.current()?.id;
    const off = shop.session.subscribe(() => {
      const now = shop.session.current()?.id;
      // Cached data of one user must not be shown to the next.
      if (person !== undefined && person !== now) queries.clear();
      person = now;
    });
    void shop.session.start();
    return off;
  }, [shop, queries]);
  return (
    <Context value={shop}>
      <LanguageProvider fallback={config.language}>
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      </LanguageProvider>
    </Context>
  );
}

export function useShop(): Shop {
  const shop = useContext(Context);
  if (!shop) throw new Error("useShop needs a ShopProvider above it");
  return shop;
}

/** The signed-in user; `undefined` while unknown, `null` for a visitor. */
export function useSigned(): Signed {
  const { session } = useShop();
  return useSyncExternalStore(session.subscribe, session.current);
}

/** The meaning of a failure and what to do, in the reader's language. */
export function useProblemWords(): (failure: unknown) => string {
  const { language } = useLanguage();
  return (failure) => {
    if (!(failure instanceof ApiError)) return MESSAGES[language].unknown_answer;
    // A newer shop may send a code that the open page does not know.
    return failure.code in MESSAGES[language] ? MESSAGES[language][failure.code] : failure.detail;
  };
}

function newShop(page: "shop" | "console", config: Config): Shop {
  const session = new Session(page, config);
  const language = () => storedLanguage() ?? preferredLanguage(navigator.languages, config.language);
  const client = newClient({ token: () => session.token(), language, onUnauthenticated: session.forget });
  return { config, session, client };
}

function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (tries, failure) => failure instanceof ApiError && failure.isTransient && tries < 3,
        retryDelay: (tries, failure) =>
          Math.max(1000 * 2 ** tries, failure instanceof ApiError ? (failure.retryAfterSeconds ?? 0) * 1000 : 0),
      },
      // `once` does its own retries, under the command's key.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
