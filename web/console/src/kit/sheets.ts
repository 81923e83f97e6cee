/**
 * Writes the styles of Ant Design into constructed style sheets, because the page's Content-Security-Policy blocks
 * every
 * `<style>` that a script adds. The build replaces `@rc-component/util/es/Dom/dynamicCSS`, through which all of Ant's
 * styles pass, with this module (vite.config.ts), so it has the same functions.
 */
interface Options {
  prepend?: boolean | "queue";
  priority?: number;
}

interface Entry {
  key: string;
  rank: number;
  sheet: CSSStyleSheet;
  /** Never in the document: Ant attaches data to the element it gets back. */
  note: HTMLStyleElement;
}

const entries: Entry[] = [];

export function updateCSS(css: string, key: string, options: Options = {}): HTMLStyleElement {
  const present = entries.find((entry) => entry.key === key);
  if (present) {
    present.sheet.replaceSync(css);
    return present.note;
  }
  return insert(css, key, options);
}

export function injectCSS(css: string, options: Options = {}): HTMLStyleElement {
  return insert(css, "", options);
}

export function removeCSS(key: string): void {
  const at = entries.findIndex((entry) => entry.key === key);
  if (at < 0) return;
  entries.splice(at, 1);
  apply();
}

export function clearContainerCache(): void {
  // There is no container.
}

function insert(css: string, key: string, options: Options): HTMLStyleElement {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const entry = { key, rank: rankOf(options), sheet, note: document.createElement("style") };
  const after = entries.findLastIndex((other) => other.rank <= entry.rank);
  entries.splice(after + 1, 0, entry);
  apply();
  return entry.note;
}

/** Prepended styles come before appended ones; in the queue a lower priority comes first. */
function rankOf({ prepend, priority = 0 }: Options): number {
  if (prepend === "queue") return priority;
  return prepend ? -Infinity : Infinity;
}

function apply(): void {
  document.adoptedStyleSheets = entries.map((entry) => entry.sheet);
}
