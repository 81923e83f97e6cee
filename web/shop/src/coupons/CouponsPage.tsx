import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { More } from "../parts/More";
import { Rows } from "../parts/Skeleton";
import { useMyCoupons, type UserCoupon } from "./reads";
import { WORDS } from "./words";
import { worth } from "./worth";

export function CouponsPage() {
  const words = useWords(WORDS);
  const coupons = useMyCoupons();
  return (
    <div className="stack">
      <h1>{words.title}</h1>
      {coupons.isPending && <Rows />}
      {coupons.isError && coupons.items.length === 0 && (
        <Failure failure={coupons.error} retry={() => void coupons.refetch()} />
      )}
      {coupons.isSuccess && coupons.items.length === 0 && (
        <Empty title={words.none} text={words.noneText} to="/" step={words.toShop} />
      )}
      <ul className="stack enter">
        {coupons.items.map((coupon) => (
          <Mine key={coupon.coupon_id} coupon={coupon} />
        ))}
      </ul>
      {coupons.items.length > 0 && <More pages={coupons} />}
    </div>
  );
}

function Mine({ coupon }: { coupon: UserCoupon }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  return (
    <li className="card ticket">
      <div className="stack tight">
        <h2>{coupon.name}</h2>
        <p className="small muted">
          {coupon.min_order_cents != null && `${words.from(format.money(coupon.min_order_cents, config.currency))} · `}
          {words.until(format.dateTime(coupon.valid_until, language, config.timeZone))}
        </p>
        <p className="row">
          <span className={`tag ${coupon.status === "ISSUED" ? "good" : ""}`}>{words.status[coupon.status]}</span>
          {coupon.order_id && (
            <Link className="small" href={`/orders/${coupon.order_id}`}>
              {words.usedIn}
            </Link>
          )}
        </p>
      </div>
      <p className="figure">{worth(coupon, config.currency)}</p>
    </li>
  );
}
