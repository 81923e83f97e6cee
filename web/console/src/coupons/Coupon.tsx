import { useWords } from "@millrun/api";
import { Facts } from "../kit/Facts";
import { Icon } from "../kit/Icon";
import { Page, Panel, Read } from "../kit/Page";
import { Progress } from "../kit/Progress";
import { Qty, When } from "../kit/Show";
import { Dot } from "../kit/Status";
import { to } from "../kit/to";
import { phaseOf, useCoupon, type Coupon as CouponOf } from "./api";
import { AddCoupons, EditCoupon, EndCoupon } from "./Commands";
import { PHASE_TONES } from "./Coupons";
import { useWorth } from "./useWorth";
import { WORDS } from "./words";

export function Coupon({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const query = useCoupon(params.id ?? "");
  const coupon = query.data;
  return (
    <Page
      title={coupon?.name ?? words.coupon}
      back={{ href: to.coupons(), label: words.title }}
      beside={coupon && <Dot tone={PHASE_TONES[phaseOf(coupon)]}>{words.phase[phaseOf(coupon)]}</Dot>}
      actions={
        coupon && (
          <>
            <AddCoupons coupon={coupon} />
            <EditCoupon coupon={coupon} />
            <EndCoupon coupon={coupon} />
          </>
        )
      }
    >
      <Read query={query}>{(found) => <Detail coupon={found} />}</Read>
    </Page>
  );
}

function Detail({ coupon }: { coupon: CouponOf }) {
  const words = useWords(WORDS);
  const worth = useWorth();
  return (
    <div className="columns">
      <Panel title={words.live}>
        <p className="big number">{words.issued(coupon.issued_qty, coupon.total_quantity)}</p>
        <Progress label={coupon.name} value={coupon.issued_qty} threshold={coupon.total_quantity} />
        <Facts
          of={[
            [words.remaining, <Qty key="r" value={coupon.remaining_qty} />],
            [words.held, coupon.held_qty !== undefined && <Qty value={coupon.held_qty} />],
            [words.used, coupon.used_qty !== undefined && <Qty value={coupon.used_qty} />],
          ]}
        />
      </Panel>
      <Panel title={words.facts}>
        <Facts
          of={[
            [words.discount, worth(coupon)],
            [words.issueFrom, <When key="f" at={coupon.issue_starts_at} whole />],
            [words.issueUntil, <When key="u" at={coupon.issue_ends_at} whole />],
            [words.validUntil, <When key="v" at={coupon.valid_until} whole />],
            [words.listed, coupon.listed !== undefined && (coupon.listed ? <Icon key="listed" shape="check" /> : "–")],
          ]}
        />
      </Panel>
    </div>
  );
}
