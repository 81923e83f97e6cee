/** The cart is kept in `localStorage`: it needs no sign-in, and all tabs show the same. */
import { useSyncExternalStore } from "react";

export const QUANTITY_MAX = 99;
export const LINES_MAX = 50;
const STORED = "millrun.shop.cart";

export interface CartLine {
  productId: string;
  variantId: string;
  quantity: number;
}

export interface Cart {
  lines: readonly CartLine[];
}

const EMPTY: Cart = { lines: [] };
const listeners = new Set<() => void>();
let read: { text: string | null; cart: Cart } = { text: null, cart: EMPTY };

export function useCart(): Cart {
  return useSyncExternalStore(subscribe, current);
}

/** The number of pieces. */
export function pieces(lines: readonly CartLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

export function current(): Cart {
  const text = localStorage.getItem(STORED);
  if (text !== read.text) read = { text, cart: parse(text) };
  return read.cart;
}

/**
 * Adds pieces; an existing line of the same variant grows. False when the cart has the maximum number of lines of an
 * order.
 */
export function add(line: CartLine): boolean {
  const { lines } = current();
  const present = lines.find(({ variantId }) => variantId === line.variantId);
  if (present) {
    setQuantity(line.variantId, present.quantity + line.quantity);
    return true;
  }
  if (lines.length >= LINES_MAX) return false;
  write([...lines, line]);
  return true;
}

/** A quantity below one removes the line. */
export function setQuantity(variantId: string, quantity: number): void {
  write(
    current()
      .lines.map((line) =>
        line.variantId === variantId ? { ...line, quantity: Math.min(quantity, QUANTITY_MAX) } : line,
      )
      .filter((line) => line.quantity >= 1),
  );
}

export function empty(): void {
  write([]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

function write(lines: readonly CartLine[]): void {
  localStorage.setItem(STORED, JSON.stringify(lines));
  for (const listener of listeners) listener();
}

/** Validates stored data, which an older page or a person may have written. */
function parse(text: string | null): Cart {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return { lines: Array.isArray(value) ? value.filter(isLine).slice(0, LINES_MAX) : [] };
  } catch {
    return EMPTY;
  }
}

function isLine(value: unknown): value is CartLine {
  if (typeof value !== "object" || value === null) return false;
  const { productId, variantId, quantity } = value as Record<string, unknown>;
  return (
    typeof productId === "string" &&
    typeof variantId === "string" &&
    Number.isInteger(quantity) &&
    Number(quantity) >= 1 &&
    Number(quantity) <= QUANTITY_MAX
  );
}
