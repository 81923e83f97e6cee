import type { ReactNode } from "react";

/** A page without content: what happened, what it means, what to do. */
export function Notice({ title, body, step }: { title: string; body: string; step: ReactNode }) {
  return (
    <div className="notice">
      <h1>{title}</h1>
      <p className="muted">{body}</p>
      <div>{step}</div>
    </div>
  );
}
