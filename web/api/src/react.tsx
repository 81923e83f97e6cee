import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { newClient, type Client } from "./client";
import { RETRY_AFTER_MAX_MS } from "./command";
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

/** Why what the page shows may be missing or old: no connection, or a shop that does not answer and is asked again. */
export type Outage = "offline" | "busy";

export function useOutage(): Outage | undefined {
  const { session } = useShop();
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const isStuck = useSyncExternalStore(session.subscribe, session.isStuck);
  const isRetrying = useRetrying();
  if (!isOnline) return "offline";
  return isStuck || isRetrying ? "busy" : undefined;
}

/** Whether a request that failed is being repeated. */
function useRetrying(): boolean {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    useCallback((listener) => cache.subscribe(listener), [cache]),
    () => cache.getAll().some(({ state }) => state.fetchStatus === "fetching" && state.fetchFailureCount > 0),
  );
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** The meaning of a failure and what to do, in the reader's language. */
export function useProblemWords(): (failure: unknown) => string {
  const { language } = useLanguage();
  return (failure) => {
    if (!(failure instanceof ApiError)) return MESSAGES[language].unknown_answer;
    // A newer shop may send a code that the open page does not know.
    const known: Partial<Record<string, string>> = MESSAGES[language];
    return known[failure.code] ?? failure.detail;
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
        retryDelay: (tries, failure) => {
          const asked = failure instanceof ApiError ? (failure.retryAfterSeconds ?? 0) * 1000 : 0;
          return Math.min(RETRY_AFTER_MAX_MS, Math.max(1000 * 2 ** tries, asked));
        },
      },
      // `once` does its own retries, under the command's key.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
