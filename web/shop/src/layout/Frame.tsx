import { useShop, useOutage, useWords } from "@millrun/api";
import { useEffect, useRef, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useSavedLanguage } from "../account/useSavedLanguage";
import { Header } from "./Header";
import { WORDS } from "./words";

export function Frame({ children }: { children: ReactNode }) {
  const { config } = useShop();
  const words = useWords(WORDS);
  const outage = useOutage();
  useSavedLanguage();
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const first = useRef(path);
  useEffect(() => {
    if (first.current === path) return;
    first.current = "";
    // A new screen starts at its top, also for screen readers.
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <>
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <Header />
      {outage && (
        <div className="strip" role="status">
          <p className="frame small">{words.outage[outage]}</p>
        </div>
      )}
      <main id="content" ref={main} tabIndex={-1}>
        <div className="frame">{children}</div>
      </main>
      <footer className="foot">
        <p className="frame small">{words.foot(config.shopName)}</p>
      </footer>
    </>
  );
}
