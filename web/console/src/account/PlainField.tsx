import { useWords } from "@millrun/api";
import { useId, useState, type InputHTMLAttributes, type ReactNode } from "react";
import { WORDS } from "./words";

interface PlainFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  help?: string | undefined;
  wrong?: string | undefined;
  /** Beside the label. */
  extra?: ReactNode;
}

/** A labelled input with its help or its error. */
export function PlainField({ label, help, wrong, extra, ...input }: PlainFieldProps) {
  const id = useId();
  const note = wrong ?? help;
  return (
    <div className="plain-field">
      <span className="plain-label">
        <label htmlFor={id}>{label}</label>
        {extra}
      </span>
      <input
        id={id}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={note && `${id}-note`}
        aria-required
        {...input}
      />
      {note && (
        <span id={`${id}-note`} className={wrong ? "wrong" : "muted"}>
          {note}
        </span>
      )}
    </div>
  );
}

/** A password, hidden until the user shows it. */
export function PasswordField(props: PlainFieldProps) {
  const words = useWords(WORDS);
  const [isShown, show] = useState(false);
  return (
    <PlainField
      {...props}
      type={isShown ? "text" : "password"}
      extra={
        <button type="button" className="plain-button link small" onClick={() => show(!isShown)}>
          {isShown ? words.hide : words.show}
        </button>
      }
    />
  );
}
