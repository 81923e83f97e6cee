import { useKitWords } from "./useKitWords";

/** The heading of a column of buttons, for screen readers only. */
export function Actions() {
  return <span className="hidden">{useKitWords().actions}</span>;
}

/** The heading of the column that opens a row. */
export function Details() {
  return <span className="hidden">{useKitWords().details}</span>;
}
