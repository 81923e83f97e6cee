import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Button } from "../parts/Button";
import { useNow } from "../parts/clock";
import { Failure } from "../parts/Failure";
import { Rows } from "../parts/Skeleton";
import { useCoupon, type Coupon } from "./reads";
import { useTake } from "./take";
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
  const price = (cents: number) => format.money(cents, config.currency);
  const number = (value: number) => format.number(value, language);
  const terms = [
    coupon.min_order_cents != null && words.from(price(coupon.min_order_cents)),
    coupon.max_discount_cents != null && words.most(price(coupon.max_discount_cents)),
    words.until(format.dateTime(coupon.valid_until, language, config.timeZone)),
  ].filter(Boolean);
  return (
    <article className="stack">
      <h1>{coupon.name}</h1>
      <p className="figure">{worth(coupon, config.currency)}</p>
      <p className="muted">{terms.join(" · ")}</p>
      <p>{words.left(number(coupon.remaining_qty), number(coupon.total_quantity))}</p>
      <Take coupon={coupon} />
    </article>
  );
}

function Take({ coupon }: { coupon: Coupon }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const now = useNow();
  const take = useTake(coupon.coupon_id);
  if (take.state === "issued") {
    return (
      <div className="notice good enter" role="status">
        <h2>{words.taken}</h2>
        <p>{words.takenText}</p>
        <Link className="link" href="/coupons">
          {words.toMine}
        </Link>
      </div>
    );
  }
  if (take.state === "queued") {
    return (
      <div className="notice enter" role="status">
        <h2>{words.inLine}</h2>
        <p>{words.inLineText}</p>
      </div>
    );
  }
  if (now < Date.parse(coupon.issue_starts_at)) {
    return <p className="notice">{words.starts(format.dateTime(coupon.issue_starts_at, language, config.timeZone))}</p>;
  }
  if (now >= Date.parse(coupon.issue_ends_at)) return <p className="notice">{words.ended}</p>;
  if (coupon.remaining_qty <= 0 && take.state === "none") return <p className="notice">{words.soldOut}</p>;
  return (
    <>
      {take.failure != null && <Failure failure={take.failure} />}
      <Button busy={take.state === "asking"} onClick={take.ask}>
        {words.take}
      </Button>
    </>
  );
}
