import { ApiError, format, useProblemWords, useShop, useWords, type Code } from "@millrun/api";
import type { ShownLine } from "../cart/lines";
import { Button } from "../parts/Button";
import type { Quote } from "./useQuote";
import { WORDS } from "./words";

interface SummaryProps {
  lines: readonly ShownLine[];
  /** What the shop says to this order; undefined until it is known. */
  quote: Quote | undefined;
  discountCents: number;
  totalCents: number;
}

/** The lines of the order and its total, with what would be refused. */
export function Summary({ lines, quote, discountCents, totalCents }: SummaryProps) {
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
        {quote !== undefined && quote.shipping_fee_cents > 0 && (
          <div className="contents">
            <dt>{words.shipping}</dt>
            <dd>{price(quote.shipping_fee_cents)}</dd>
          </div>
        )}
        <div className="contents">
          <dt className="total">{words.total}</dt>
          <dd className="total">{price(totalCents)}</dd>
        </div>
      </dl>
      <div role="status">
        <Refused code={quote?.coupon?.code} />
        <Refused code={quote?.code} />
      </div>
    </section>
  );
}

/** Why the shop would refuse a line, the coupon or the order. */
function Refused({ code }: { code: Code | undefined }) {
  const say = useProblemWords();
  return code && <p className="wrong">{say(new ApiError(code, 409))}</p>;
}

interface SendProps {
  busy: boolean;
  ready: boolean;
  totalCents: number;
  isReservation: boolean;
}

Summary.Send = function Send({ busy, ready, totalCents, isReservation }: SendProps) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const price = format.money(totalCents, config.currency);
  return (
    <>
      <Button submit busy={busy || !ready}>
        {busy ? words.sending : isReservation ? words.reserve : words.orderAndPay(price)}
      </Button>
      <p className="small muted">{isReservation ? words.nothingCharged : words.held}</p>
    </>
  );
};
