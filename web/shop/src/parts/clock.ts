import { useEffect, useState } from "react";

/** The present time, updated regularly. */
export function useNow(everyMs = 1_000): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
