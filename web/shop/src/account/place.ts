import { useSearchParams } from "wouter";

/** The path to return to after signing in: on this page, never on another site. */
export function usePlace(): string {
  const to = useSearchParams()[0].get("to") ?? "/";
  return to.startsWith("/") && !to.startsWith("//") && !to.startsWith("/\\") ? to : "/";
}
