import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { AREAS } from "./areas";

const SEQUENCE_MS = 1200;

/** Keyboard shortcuts outside of input fields: `/`, `?`, `g` and an area's letter. */
export function useShortcuts({ search, help }: { search: () => void; help: () => void }): void {
  const [, navigate] = useLocation();
  const actions = useRef({ search, help, navigate });
  useEffect(() => {
    actions.current = { search, help, navigate };
  });
  useEffect(() => {
    let goAt = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const area = AREAS.find(({ key }) => key === event.key);
      if (Date.now() - goAt < SEQUENCE_MS && area) {
        actions.current.navigate(area.path);
        goAt = 0;
      } else if (event.key === "g") goAt = Date.now();
      else if (event.key === "/") actions.current.search();
      else if (event.key === "?") actions.current.help();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
