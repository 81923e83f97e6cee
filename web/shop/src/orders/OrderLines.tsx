import { format, useWords } from "@millrun/api";
import { Link } from "wouter";
import { imageOf } from "../catalogue/image";
import { useProductsOf } from "../catalogue/reads";
import { Picture } from "../parts/Picture";
import type { Order } from "./reads";
import { WORDS } from "./words";

/** The lines of an order and its total. */
export function OrderLines({ order }: { order: Order }) {
  const words = useWords(WORDS);
  const price = (cents: number) => format.money(cents, order.currency);
  const products = useProductsOf([...new Set(order.lines.map(({ product_id }) => product_id))]);
  const productOf = (id: string) => products.find(({ data }) => data?.product_id === id)?.data;
  const { shipping } = order;
  const sums = [
    { name: words.discount, cents: -order.discount_cents, shown: order.discount_cents > 0 },
    {
      name: `${words.shipping} · ${shipping?.name ?? ""}`,
      cents: order.shipping_fee_cents ?? 0,
      shown: shipping !== undefined,
    },
    { name: words.refundedSum, cents: -(order.refunded_cents ?? 0), shown: (order.refunded_cents ?? 0) > 0 },
  ].filter(({ shown }) => shown);
  return (
    <section className="card panel stack" aria-labelledby="lines">
      <h2 id="lines">{words.lines}</h2>
      <ul className="stack">
        {order.lines.map(({ product_id, variant_id, name, quantity, unit_price_cents, subtotal_cents }) => (
          <li key={variant_id} className="order-line">
            <Picture id={product_id} name={name} image={imageOf(productOf(product_id))} thumb />
            <div className="grow">
              <Link href={`/products/${product_id}`}>{name}</Link>
              <p className="small muted">
                {quantity} × {price(unit_price_cents)}
              </p>
            </div>
            <p className="end">{price(subtotal_cents)}</p>
          </li>
        ))}
      </ul>
      <dl className="sums">
        {sums.map(({ name, cents }) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd>{cents === 0 ? words.free : price(cents)}</dd>
          </div>
        ))}
        <div className="contents">
          <dt className="total">{words.total}</dt>
          <dd className="total">{price(order.total_cents)}</dd>
        </div>
      </dl>
    </section>
  );
}
