import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { Link } from "wouter";
import { Nothing } from "../kit/Nothing";
import { Page } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { Progress } from "../kit/Progress";
import { Qty, When } from "../kit/Show";
import { Dot } from "../kit/Status";
import { to } from "../kit/to";
import { phaseOf, useCoupons, type Coupon } from "./api";
import { CreateCoupon } from "./CreateCoupon";
import { useWorth } from "./useWorth";
import { WORDS } from "./words";

export const PHASE_TONES = { upcoming: "quiet", open: "good", over: "quiet", soldOut: "waits" } as const;

export function Coupons() {
  const words = useWords(WORDS);
  const pages = useCoupons();
  const columns = useColumns();
  const empty = (
    <Nothing title={words.empty.title} step={<CreateCoupon />}>
      {words.empty.body}
    </Nothing>
  );
  return (
    <Page title={words.title} actions={<CreateCoupon />}>
      <PagedTable<Coupon>
        label={words.title}
        pages={pages}
        rowKey={(coupon) => coupon.coupon_id}
        columns={columns}
        empty={empty}
      />
    </Page>
  );
}

function useColumns(): TableColumnsType<Coupon> {
  const words = useWords(WORDS);
  const worth = useWorth();
  return [
    {
      title: words.coupon,
      key: "name",
      render: (_, { coupon_id, name }) => <Link href={to.coupon(coupon_id)}>{name}</Link>,
    },
    { title: words.discount, key: "discount", render: (_, coupon) => worth(coupon) },
    {
      title: words.issue,
      key: "phase",
      render: (_, coupon) => {
        const phase = phaseOf(coupon);
        return <Dot tone={PHASE_TONES[phase]}>{words.phase[phase]}</Dot>;
      },
    },
    {
      title: words.quantity,
      key: "issued",
      render: (_, { name, issued_qty, total_quantity }) => (
        <div className="offer-line">
          <Progress label={name} value={issued_qty} threshold={total_quantity} />
          <span className="number muted">
            {issued_qty}/{total_quantity}
          </span>
        </div>
      ),
    },
    { title: words.used, key: "used", align: "right", render: (_, { used_qty }) => <Qty value={used_qty ?? 0} /> },
    {
      title: words.issueUntil,
      key: "until",
      render: (_, { issue_ends_at }) => <When at={issue_ends_at} />,
      responsive: ["lg"],
    },
  ];
}
