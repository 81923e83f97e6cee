import { useKitWords } from "./useKitWords";

/** The heading of a column of buttons: read aloud, not shown. */
export function Actions() {
  return <span className="hidden">{useKitWords().actions}</span>;
}
