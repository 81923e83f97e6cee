import { beforeEach, describe, expect, it } from "vitest";
import { add, current, empty, LINES_MAX, pieces, setQuantity } from "../src/cart/cart";

const line = (variantId: string, quantity = 1) => ({ productId: "p", variantId, quantity });

describe("the cart", () => {
  beforeEach(() => localStorage.clear());

  it("merges lines of the same variant, up to what an order takes", () => {
    add(line("a", 60));
    add(line("a", 60));
    expect(current().lines).toEqual([line("a", 99)]);
    expect(pieces(current().lines)).toBe(99);
  });

  it("has at most as many lines as an order", () => {
    for (let index = 0; index < LINES_MAX; index += 1) expect(add(line(`v${index}`))).toBe(true);
    expect(add(line("one more"))).toBe(false);
    expect(add(line("v0"))).toBe(true);
    expect(current().lines).toHaveLength(LINES_MAX);
  });

  it("drops a line below one piece, and everything when it is emptied", () => {
    add(line("a"));
    add(line("b"));
    setQuantity("a", 0);
    expect(current().lines).toEqual([line("b")]);
    empty();
    expect(current().lines).toEqual([]);
  });

  it("takes nothing that makes no sense from the browser's storage", () => {
    for (const text of ["{", "7", '[{"variantId":"a"}]', '[{"productId":"p","variantId":"a","quantity":-1}]']) {
      localStorage.setItem("millrun.shop.cart", text);
      expect(current().lines).toEqual([]);
    }
  });
});
