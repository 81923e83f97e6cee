import { createContext, useContext, useEffect, useRef, type ReactNode } from "react";

const Close = createContext<() => void>(() => undefined);

interface DialogProps {
  /** The id of its heading. */
  heading: string;
  /** Called when it is closed: the parent then stops rendering it. */
  onClose: () => void;
  children: ReactNode;
}

/**
 * A modal dialog, open as soon as it is rendered. The browser keeps the focus in it, and gives it back when it is
 * closed.
 */
export function Dialog({ heading, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (element.current?.open === false) element.current.showModal();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={onClose}>
      <Close value={() => element.current?.close()}>{children}</Close>
    </dialog>
  );
}

/** Closes the surrounding dialog. */
export function useClose(): () => void {
  return useContext(Close);
}
