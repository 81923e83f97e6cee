import type { ReactNode } from "react";

export interface Step {
  name: string;
  state: "done" | "now" | "ahead";
  /** The text of the current step: what happens, until when, what to do. */
  body?: ReactNode;
}

/** Steps, of which one is the current one. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="steps">
      {steps.map(({ name, state, body }, index) => (
        <li key={name} className={state} aria-current={state === "now" ? "step" : undefined}>
          <span className="dot" aria-hidden="true">
            {state === "done" ? (
              <svg className="check" viewBox="0 0 20 20">
                <path d="M4 10.5l4 4 8-9" />
              </svg>
            ) : (
              index + 1
            )}
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
