import type { components } from "@millrun/api";

type UserCoupon = components["schemas"]["UserCouponView"];

const WITHOUT_SMALL_CHANGE = new Set(["TWD", "JPY", "KRW"]);

/** Whether one of the customer's coupons applies to items of this total now. */
export function isUsable(coupon: UserCoupon, itemsTotalCents: number, now: number): boolean {
  return (
    coupon.status === "ISSUED" &&
    Date.parse(coupon.valid_until) > now &&
    itemsTotalCents >= (coupon.min_order_cents ?? 0)
  );
}

/**
 * The discount of a coupon, by the shop's rule: at most the total of the items, rounded to amounts that can be paid.
 */
export function discountOf(coupon: UserCoupon, itemsTotalCents: number, currency: string): number {
  const { type, value } = coupon.discount;
  const wanted = type === "FIXED" ? value : Math.floor((itemsTotalCents * value) / 100);
  const discount = Math.min(wanted, coupon.max_discount_cents ?? wanted, itemsTotalCents);
  return WITHOUT_SMALL_CHANGE.has(currency) ? discount - (discount % 100) : discount;
}
