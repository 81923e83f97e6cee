import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Failure } from "../parts/Failure";
import { Rows } from "../parts/Skeleton";
import { useCoupon, type Coupon } from "./reads";
import { TakeCoupon } from "./TakeCoupon";
import { useTerms } from "./useTerms";
import { WORDS } from "./words";
import { worth } from "./worth";

export function CouponPage({ id }: { id: string }) {
  const words = useWords(WORDS);
  const coupon = useCoupon(id);
  return (
    <div className="stack narrow">
      <p>
        <Link className="link" href="/coupons">
          ‹ {words.back}
        </Link>
      </p>
      {coupon.isPending && <Rows count={1} />}
      {coupon.isError && <Failure failure={coupon.error} retry={() => void coupon.refetch()} />}
      {coupon.data && <Campaign coupon={coupon.data} />}
    </div>
  );
}

function Campaign({ coupon }: { coupon: Coupon }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const number = (value: number) => format.number(value, language);
  const terms = useTerms();
  return (
    <article className="stack">
      <h1>{coupon.name}</h1>
      <p className="figure">{worth(coupon, config.currency)}</p>
      <p className="muted">{terms(coupon)}</p>
      <p>{words.left(number(coupon.remaining_qty), number(coupon.total_quantity))}</p>
      <TakeCoupon coupon={coupon} />
    </article>
  );
}
