import type { components } from "@millrun/api";
import { describe, expect, it } from "vitest";
import { discountOf, isUsable } from "../src/checkout/quote";

type Coupon = components["schemas"]["UserCouponView"];

const NOW = Date.parse("2026-12-01T00:00:00Z");

function coupon(change: Partial<Coupon>): Coupon {
  return {
    coupon_id: "c",
    name: "Ten off",
    discount: { type: "PERCENT", value: 10 },
    status: "ISSUED",
    issued_at: "2026-11-01T00:00:00Z",
    valid_until: "2026-12-31T00:00:00Z",
    ...change,
  };
}

describe("a discount", () => {
  it("is a whole amount that can be paid", () => {
    expect(discountOf(coupon({}), 39_900, "TWD")).toBe(3_900);
    expect(discountOf(coupon({}), 1_999, "EUR")).toBe(199);
  });

  it("is at most what the campaign says, and what the items cost", () => {
    expect(discountOf(coupon({ max_discount_cents: 5_000 }), 100_000, "TWD")).toBe(5_000);
    expect(discountOf(coupon({ discount: { type: "FIXED", value: 90_000 } }), 28_000, "TWD")).toBe(28_000);
  });
});

describe("a coupon", () => {
  it("can be used while it is issued, valid, and the items cost enough", () => {
    expect(isUsable(coupon({}), 1, NOW)).toBe(true);
    expect(isUsable(coupon({ status: "HELD" }), 1, NOW)).toBe(false);
    expect(isUsable(coupon({ valid_until: "2026-11-30T23:59:59Z" }), 1, NOW)).toBe(false);
    expect(isUsable(coupon({ min_order_cents: 50_000 }), 49_900, NOW)).toBe(false);
    expect(isUsable(coupon({ min_order_cents: 50_000 }), 50_000, NOW)).toBe(true);
  });
});
