import type { ReactNode } from "react";

/** The placeholder of an empty list: what it will show, and the first step. */
export function Nothing({ title, children, step }: { title: string; children?: ReactNode; step?: ReactNode }) {
  return (
    <div className="nothing">
      <p className="nothing-title">{title}</p>
      {children && <p className="muted">{children}</p>}
      {step && <div className="nothing-step">{step}</div>}
    </div>
  );
}
