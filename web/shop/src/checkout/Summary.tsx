import { format, useShop, useWords } from "@millrun/api";
import type { ShownLine } from "../cart/lines";
import { Button } from "../parts/Button";
import { WORDS } from "./words";

interface SummaryProps {
  lines: readonly ShownLine[];
  discountCents: number;
  totalCents: number;
}

/** The lines of the order and its total. */
export function Summary({ lines, discountCents, totalCents }: SummaryProps) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const price = (cents: number) => format.money(cents, config.currency);
  return (
    <section className="stack" aria-labelledby="summary">
      <h2 id="summary">{words.summary}</h2>
      <dl className="sums">
        {lines.map(({ variantId, product, variant, quantity, subtotalCents }) => (
          <div key={variantId} className="contents">
            <dt>
              {words.quantity(quantity)} {product?.name}
              {variant && <span className="muted"> · {variant.variant_name}</span>}
            </dt>
            <dd>{price(subtotalCents)}</dd>
          </div>
        ))}
        {discountCents > 0 && (
          <div className="contents">
            <dt>{words.discount}</dt>
            <dd className="good">{price(-discountCents)}</dd>
          </div>
        )}
        <div className="contents">
          <dt className="total">{words.total}</dt>
          <dd className="total">{price(totalCents)}</dd>
        </div>
      </dl>
    </section>
  );
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
