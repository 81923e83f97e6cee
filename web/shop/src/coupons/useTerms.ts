import { format, useLanguage, useShop, useWords } from "@millrun/api";
import type { Coupon, UserCoupon } from "./reads";
import { WORDS } from "./words";

type Terms = Pick<Coupon | UserCoupon, "min_order_cents" | "max_discount_cents" | "valid_until">;

/** The terms of a coupon in one line: `for orders from NT$ 1,000 · at most NT$ 200 · until Thu 3 Dec, 18:00`. */
export function useTerms(): (of: Terms) => string {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const price = (cents: number) => format.money(cents, config.currency);
  return ({ min_order_cents, max_discount_cents, valid_until }) =>
    [
      min_order_cents != null && words.from(price(min_order_cents)),
      max_discount_cents != null && words.most(price(max_discount_cents)),
      words.until(format.dateTime(valid_until, language, config.timeZone)),
    ]
      .filter(Boolean)
      .join(" · ");
}
