import { useSigned } from "@millrun/api";
import type { ReactNode } from "react";
import { Redirect, useLocation, useSearch } from "wouter";
import { Rows } from "../parts/Skeleton";

/** Asks a visitor to sign in, and returns to the same page afterwards. */
export function RequireSignIn({ children }: { children: ReactNode }) {
  const signed = useSigned();
  const [path] = useLocation();
  const search = useSearch();
  if (signed === undefined) return <Rows />;
  if (signed === null) {
    const place = search ? `${path}?${search}` : path;
    return <Redirect to={`/sign-in?to=${encodeURIComponent(place)}`} replace />;
  }
  return children;
}
