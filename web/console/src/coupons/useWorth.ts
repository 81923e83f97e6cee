import { useWords } from "@millrun/api";
import { useFormat } from "../kit/Show";
import type { Coupon } from "./api";
import { WORDS } from "./words";

type Worth = Pick<Coupon, "discount" | "max_discount_cents" | "min_order_cents">;

/** The value of a coupon as text: `10 % off, at most NT$ 200, from NT$ 1,000`. */
export function useWorth(): (of: Worth) => string {
  const words = useWords(WORDS);
  const { money } = useFormat();
  return ({ discount, max_discount_cents, min_order_cents }) =>
    [
      discount.type === "PERCENT" ? words.percent(discount.value) : words.off(money(discount.value)),
      max_discount_cents && words.upTo(money(max_discount_cents)),
      min_order_cents && words.from(money(min_order_cents)),
    ]
      .filter(Boolean)
      .join(", ");
}
