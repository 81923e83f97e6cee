import { format, useShop, useWords } from "@millrun/api";
import { worth } from "../coupons/worth";
import { useMyCoupons, type UserCoupon } from "../coupons/reads";
import { useNow } from "../parts/clock";
import { isUsable } from "./quote";
import { WORDS } from "./words";

interface CouponChoiceProps {
  itemsTotalCents: number;
  chosen: UserCoupon | undefined;
  choose: (coupon: UserCoupon | undefined) => void;
}

export function CouponChoice({ itemsTotalCents, chosen, choose }: CouponChoiceProps) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const coupons = useMyCoupons();
  const now = useNow(30_000);
  const mine = coupons.items.filter(({ status }) => status === "ISSUED");
  if (coupons.isPending) return null;
  return (
    <fieldset className="stack">
      <legend>
        <h2>{words.coupon}</h2>
      </legend>
      {mine.length === 0 && <p className="muted">{words.noCoupons}</p>}
      {mine.length > 0 && (
        <div className="choices rows">
          <label className="choice">
            <input type="radio" name="coupon" checked={!chosen} onChange={() => choose(undefined)} />
            {words.noCoupon}
          </label>
          {mine.map((coupon) => (
            <label key={coupon.coupon_id} className="choice">
              <input
                type="radio"
                name="coupon"
                checked={chosen?.coupon_id === coupon.coupon_id}
                disabled={!isUsable(coupon, itemsTotalCents, now)}
                onChange={() => choose(coupon)}
              />
              <span>{coupon.name}</span>
              <span className="end">
                {worth(coupon, config.currency)}
                {coupon.min_order_cents != null && (
                  <span className="small muted">
                    {" "}
                    {words.couponMin(format.money(coupon.min_order_cents, config.currency))}
                  </span>
                )}
              </span>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
