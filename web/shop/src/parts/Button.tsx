import type { ReactNode } from "react";

interface ButtonProps {
  children: ReactNode;
  busy?: boolean;
  quiet?: boolean;
  wide?: boolean;
  submit?: boolean;
  onClick?: () => void;
}

/** While its command is in progress it keeps the focus and ignores clicks. */
export function Button({ children, busy = false, quiet = false, wide = true, submit = false, onClick }: ButtonProps) {
  return (
    <button
      type={submit ? "submit" : "button"}
      className={["button", quiet && "quiet", wide && "wide"].filter(Boolean).join(" ")}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {children}
    </button>
  );
}
