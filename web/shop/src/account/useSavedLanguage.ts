import { storedLanguage, useLanguage } from "@millrun/api";
import { useEffect } from "react";
import { useProfile } from "./profile";

/** Shows the pages in the customer's saved language, unless one was chosen in this browser. */
export function useSavedLanguage(): void {
  const { choose } = useLanguage();
  const isOpen = storedLanguage() === undefined;
  const saved = useProfile(isOpen).data?.language;
  useEffect(() => {
    if (isOpen && saved) choose(saved);
  }, [isOpen, saved, choose]);
}
