import { useSearchParams } from "wouter";

/** Where to go after signing in: a place of this page, never of another site. */
export function usePlace(): string {
  const to = useSearchParams()[0].get("to") ?? "/";
  return to.startsWith("/") && !to.startsWith("//") && !to.startsWith("/\\") ? to : "/";
}
