import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

export const LANGUAGES = ["en", "zh-TW"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = "millrun.language";

/** The first supported language among those that the browser asks for. */
export function preferredLanguage(asked: readonly string[], fallback: string): Language {
  for (const tag of asked) {
    if (/^zh\b/i.test(tag)) return "zh-TW";
    if (/^en\b/i.test(tag)) return "en";
  }
  return fallback.startsWith("zh") ? "zh-TW" : "en";
}

interface Chosen {
  language: Language;
  choose: (language: Language) => void;
}

const Context = createContext<Chosen | undefined>(undefined);

/** Remembers the language: the visitor's choice, else the browser's, else the shop's. A choice applies to all tabs. */
export function LanguageProvider({ fallback, children }: { fallback: string; children: ReactNode }) {
  const [language, choose] = useState<Language>(
    () => storedLanguage() ?? preferredLanguage(navigator.languages, fallback),
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === STORED) choose(storedLanguage() ?? "en");
    };
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, []);
  const chosen = useMemo(
    () => ({
      language,
      choose: (next: Language) => {
        localStorage.setItem(STORED, next);
        choose(next);
      },
    }),
    [language],
  );
  return <Context value={chosen}>{children}</Context>;
}

export function useLanguage(): Chosen {
  const chosen = useContext(Context);
  if (!chosen) throw new Error("useLanguage needs a LanguageProvider above it");
  return chosen;
}

export function storedLanguage(): Language | undefined {
  const value = localStorage.getItem(STORED);
  return LANGUAGES.find((language) => language === value);
}

/** A dictionary has the same entries in every language; the English one gives the type. */
export type Dictionary<T> = Record<Language, T>;

export function useWords<T>(dictionary: Dictionary<T>): T {
  return dictionary[useLanguage().language];
}
