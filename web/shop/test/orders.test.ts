import { describe, expect, it } from "vitest";
import { isCancelable, isToBePaid, progressOf } from "../src/orders/progress";

describe("the way of an order", () => {
  it("has one present step until it is sent", () => {
    const reserved = progressOf({ kind: "PREORDER", status: "RESERVED" });
    expect(reserved?.map(({ name, state }) => `${name}:${state}`)).toEqual([
      "reserved:done",
      "enough:now",
      "pay:ahead",
      "made:ahead",
      "shipped:ahead",
    ]);
    const paid = progressOf({ kind: "INSTANT", status: "PAID" });
    expect(paid?.find(({ state }) => state === "now")?.name).toBe("packed");
    expect(progressOf({ kind: "INSTANT", status: "COMPLETED" })?.every(({ state }) => state === "done")).toBe(true);
  });

  it("asks for the money of an order from stock at once, of a preorder when its batch is confirmed", () => {
    expect(isToBePaid({ kind: "INSTANT", status: "RESERVED" })).toBe(true);
    expect(isToBePaid({ kind: "PREORDER", status: "RESERVED" })).toBe(false);
    expect(isToBePaid({ kind: "PREORDER", status: "PENDING_PAYMENT" })).toBe(true);
    expect(isToBePaid({ kind: "INSTANT", status: "PAID" })).toBe(false);
  });

  it("ends where an order ended before it was sent", () => {
    for (const status of ["EXPIRED", "CANCELED", "FAILED", "REFUNDED"] as const) {
      expect(progressOf({ kind: "INSTANT", status })).toBeUndefined();
      expect(isCancelable({ status })).toBe(false);
    }
  });
});
