import { ApiError, format, useProblemWords, useShop, useWords, type Code } from "@millrun/api";
import type { ShownLine } from "../cart/lines";
import { Button } from "../parts/Button";
import type { ShippingMethod } from "./shipping";
import type { Quote } from "./useQuote";
import { WORDS } from "./words";

interface SummaryProps {
  lines: readonly ShownLine[];
  /** The quote of the order; undefined until it is known. */
  quote: Quote | undefined;
  discountCents: number;
  totalCents: number;
  /** The chosen delivery, in a shop with shipping methods. */
  delivery: ShippingMethod | undefined;
}

/** The lines of the order and its total, with the refusals. */
export function Summary({ lines, quote, discountCents, totalCents, delivery }: SummaryProps) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const price = (cents: number) => format.money(cents, config.currency);
  const quoted = (id: string) => quote?.lines.find(({ variant_id }) => variant_id === id);
  const discount = quote?.discount_cents ?? discountCents;
  return (
    <section className="stack" aria-labelledby="summary">
      <h2 id="summary">{words.summary}</h2>
      <dl className="sums">
        {lines.map(({ variantId, product, variant, quantity, subtotalCents }) => (
          <div key={variantId} className="contents">
            <dt>
              {words.quantity(quantity)} {product?.name}
              {variant && <span className="muted"> · {variant.variant_name}</span>}
              <Refused code={quoted(variantId)?.code} />
            </dt>
            <dd>{price(quoted(variantId)?.subtotal_cents ?? subtotalCents)}</dd>
          </div>
        ))}
        {discount > 0 && (
          <div className="contents">
            <dt>{words.discount}</dt>
            <dd className="good">{price(-discount)}</dd>
          </div>
        )}
        {delivery && (
          <div className="contents">
            <dt>
              {words.shipping}
              <span className="muted"> · {delivery.name}</span>
            </dt>
            <dd>{quote ? (quote.shipping_fee_cents > 0 ? price(quote.shipping_fee_cents) : words.free) : "…"}</dd>
          </div>
        )}
        <div className="contents">
          <dt className="total">{words.total}</dt>
          <dd className="total">{delivery && !quote ? "…" : price(totalCents)}</dd>
        </div>
      </dl>
      <div role="status">
        <Refused code={quote?.coupon?.code} />
        <Refused code={quote?.code} />
      </div>
    </section>
  );
}

/** The reason for which the shop would refuse a line, the coupon or the order. */
function Refused({ code }: { code: Code | undefined }) {
  const say = useProblemWords();
  return code && <p className="wrong">{say(new ApiError(code, 409))}</p>;
}

interface SendProps {
  busy: boolean;
  ready: boolean;
  /** Undefined until the delivery fee is known. */
  totalCents: number | undefined;
  isReservation: boolean;
}

Summary.Send = function Send({ busy, ready, totalCents, isReservation }: SendProps) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const order = totalCents === undefined ? words.order : words.orderAndPay(format.money(totalCents, config.currency));
  return (
    <>
      <Button submit busy={busy || !ready}>
        {busy ? words.sending : isReservation ? words.reserve : order}
      </Button>
      <p className="small muted">{isReservation ? words.nothingCharged : words.held}</p>
    </>
  );
};
