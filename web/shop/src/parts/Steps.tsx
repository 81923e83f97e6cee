import type { ReactNode } from "react";

export interface Step {
  name: string;
  state: "done" | "now" | "ahead";
  /** Said of the present step: what happens, until when, what to do. */
  body?: ReactNode;
}

/** A way in steps, of which one is the present one. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="steps">
      {steps.map(({ name, state, body }, index) => (
        <li key={name} className={state} aria-current={state === "now" ? "step" : undefined}>
          <span className="dot" aria-hidden="true">
            {state === "done" ? "✓" : index + 1}
          </span>
          <div className="stack tight">
            <h3>{name}</h3>
            {body}
          </div>
        </li>
      ))}
    </ol>
  );
}
