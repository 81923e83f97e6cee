import { useSyncExternalStore } from "react";

export type Appearance = "system" | "light" | "dark";

const STORED = "millrun.console.appearance";

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  prefersDark.addEventListener("change", listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    prefersDark.removeEventListener("change", listener);
    window.removeEventListener("storage", listener);
  };
}

function appearance(): Appearance {
  const stored = localStorage.getItem(STORED);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function chooseAppearance(next: Appearance): void {
  localStorage.setItem(STORED, next);
  for (const listener of listeners) listener();
}

export function useAppearance(): { appearance: Appearance; dark: boolean } {
  const chosen = useSyncExternalStore(subscribe, appearance);
  const system = useSyncExternalStore(subscribe, () => prefersDark.matches);
  return { appearance: chosen, dark: chosen === "dark" || (chosen === "system" && system) };
}
