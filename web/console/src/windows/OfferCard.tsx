import { useWords } from "@millrun/api";
import { lazy, Suspense } from "react";
import { ProductLink } from "../kit/names";
import { Panel } from "../kit/Page";
import { Progress } from "../kit/Progress";
import { When } from "../kit/Show";
import { Dot, Status } from "../kit/Status";
import type { Offer, SellWindow } from "./api";
import { ConfigureOffer } from "./OfferForm";
import { WORDS, type WindowWords } from "./words";

const Curve = lazy(async () => ({ default: (await import("./Curve")).Curve }));

export function OfferCard({ window, offer }: { window: SellWindow; offer: Offer }) {
  const words = useWords(WORDS);
  const { product_id, name, reserved_qty, paid_qty, threshold_qty, max_total_qty } = offer;
  const missing = threshold_qty - reserved_qty;
  return (
    <Panel
      title={
        <span className="offer-title">
          <ProductLink id={product_id} name={name} />
          {offer.enabled ? <Status kind="offer" value={offer.status} /> : <Dot tone="quiet">{words.disabled}</Dot>}
          {offer.extended && <span className="muted">{words.extended}</span>}
        </span>
      }
      extra={<ConfigureOffer window={window} offer={offer} />}
    >
      <div className="offer">
        <div>
          <p className="big number">{words.reserved(reserved_qty, threshold_qty)}</p>
          <Progress label={name} value={reserved_qty} threshold={threshold_qty} max={max_total_qty} />
          <p className="muted asides">
            {missing > 0 && <span>{words.missing(missing)}</span>}
            <span>{words.capacity(max_total_qty)}</span>
            <span>{words.paid(paid_qty)}</span>
            <span>
              {words.closes} <When at={offer.closes_at} />
            </span>
          </p>
          <ul className="rules muted">
            {rulesOf(offer, words).map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        </div>
        <Suspense>
          <Curve windowId={window.sell_window_id} productId={product_id} threshold={threshold_qty} />
        </Suspense>
      </div>
    </Panel>
  );
}

function rulesOf(offer: Offer, { rules }: WindowWords): string[] {
  const { when_missed, when_underpaid } = offer;
  return [
    rules.lead(offer.lead_days, offer.ship_days),
    rules.pay(offer.payment_window_hours),
    when_missed === "EXTEND" ? rules.missed.EXTEND(offer.extend_days ?? 0) : rules.missed.CANCEL,
    when_underpaid === "PROCEED_IF_AT_LEAST"
      ? rules.underpaid.PROCEED_IF_AT_LEAST(offer.underpaid_min_percent ?? 100)
      : rules.underpaid[when_underpaid],
    ...(offer.per_customer_max === undefined ? [] : [rules.perCustomer(offer.per_customer_max)]),
  ];
}
