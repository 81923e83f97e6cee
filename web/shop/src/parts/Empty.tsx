import type { ReactNode } from "react";
import { Link } from "wouter";

/** The placeholder of an empty list: what it will show, and the first step. */
export function Empty({ title, text, to, step }: { title: string; text: string; to?: string; step?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p className="muted">{text}</p>
      {to && (
        <Link className="button quiet" href={to}>
          {step}
        </Link>
      )}
    </div>
  );
}
