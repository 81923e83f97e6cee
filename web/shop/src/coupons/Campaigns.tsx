import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { useState } from "react";
import { Link } from "wouter";
import { Failure } from "../parts/Failure";
import { More } from "../parts/More";
import { Rows } from "../parts/Skeleton";
import { useListedCoupons, useMyCoupons, type Coupon } from "./reads";
import { TakeCoupon } from "./TakeCoupon";
import { useTerms } from "./useTerms";
import { WORDS } from "./words";
import { worth } from "./worth";

/** The campaigns that the shop lists, with the coupons that the customer does not have yet. */
export function Campaigns() {
  const words = useWords(WORDS);
  const listed = useListedCoupons();
  const mine = useMyCoupons();
  const shown = useOpenedWithout(mine.isSuccess ? new Set(mine.items.map(({ coupon_id }) => coupon_id)) : undefined);
  const campaigns = listed.items.filter(({ coupon_id }) => !shown?.has(coupon_id));
  return (
    <section className="stack" aria-labelledby="campaigns">
      <h2 id="campaigns">{words.campaigns}</h2>
      {(listed.isPending || mine.isPending) && <Rows count={1} />}
      {listed.isError && listed.items.length === 0 && (
        <Failure failure={listed.error} retry={() => void listed.refetch()} />
      )}
      {listed.isSuccess && !mine.isPending && (
        <>
          {campaigns.length === 0 && <p className="muted">{words.noCampaigns}</p>}
          <ul className="stack enter">
            {campaigns.map((coupon) => (
              <Campaign key={coupon.coupon_id} coupon={coupon} />
            ))}
          </ul>
          <More pages={listed} />
        </>
      )}
    </section>
  );
}

/** The coupons that were owned when the list was opened: a coupon that is taken now stays in the list and is marked. */
function useOpenedWithout(owned: Set<string> | undefined): Set<string> | undefined {
  const [first, keep] = useState(owned);
  if (first === undefined && owned !== undefined) keep(owned);
  return first ?? owned;
}

function Campaign({ coupon }: { coupon: Coupon }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const terms = useTerms();
  const number = (value: number) => format.number(value, language);
  return (
    <li className="card ticket">
      <div className="stack tight">
        <h3>
          <Link href={`/coupons/${coupon.coupon_id}`}>{coupon.name}</Link>
        </h3>
        <p className="small muted">{terms(coupon)}</p>
        <p className="small">{words.left(number(coupon.remaining_qty), number(coupon.total_quantity))}</p>
      </div>
      <p className="figure">{worth(coupon, config.currency)}</p>
      <div className="ticket-foot stack">
        <TakeCoupon coupon={coupon} isAlone={false} />
      </div>
    </li>
  );
}
