import { useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { More } from "../parts/More";
import { Rows } from "../parts/Skeleton";
import { Campaigns } from "./Campaigns";
import { useMyCoupons, type UserCoupon } from "./reads";
import { useTerms } from "./useTerms";
import { WORDS } from "./words";
import { worth } from "./worth";

export function CouponsPage() {
  const words = useWords(WORDS);
  return (
    <div className="stack loose">
      <h1>{words.title}</h1>
      <Campaigns />
      <MyCoupons />
    </div>
  );
}

function MyCoupons() {
  const words = useWords(WORDS);
  const coupons = useMyCoupons();
  return (
    <section className="stack" aria-labelledby="mine">
      <h2 id="mine">{words.mine}</h2>
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
    </section>
  );
}

function Mine({ coupon }: { coupon: UserCoupon }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const terms = useTerms();
  return (
    <li className="card ticket">
      <div className="stack tight">
        <h3>{coupon.name}</h3>
        <p className="small muted">{terms(coupon)}</p>
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
