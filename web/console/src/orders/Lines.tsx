import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { ProductLink, WindowLink } from "../kit/names";
import { Money, Qty } from "../kit/Show";
import { to } from "../kit/to";
import type { AdminOrder } from "./api";
import { WORDS } from "./words";

export function Lines({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const { currency } = order;
  const isDiscounted = order.lines.some(({ discount_cents }) => discount_cents > 0);
  const sum = { currency, columns: isDiscounted ? 4 : 3 };
  return (
    <div className="table-region" role="region" aria-label={words.items} tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{words.items}</th>
            <th scope="col" className="right wide">
              {words.unit}
            </th>
            <th scope="col" className="right">
              {words.quantity}
            </th>
            {isDiscounted && (
              <th scope="col" className="right">
                {words.discount}
              </th>
            )}
            <th scope="col" className="right">
              {words.subtotal}
            </th>
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line) => (
            <tr key={line.variant_id}>
              <td>
                <ProductLink id={line.product_id} name={line.name} />
              </td>
              <td className="right wide">
                <Money cents={line.unit_price_cents} currency={currency} />
              </td>
              <td className="right">
                <Qty value={line.quantity} />
              </td>
              {isDiscounted && (
                <td className="right">
                  {line.discount_cents > 0 && <Money cents={-line.discount_cents} currency={currency} />}
                </td>
              )}
              <td className="right">
                <Money cents={line.subtotal_cents - line.discount_cents} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <Sum label={words.itemsTotal} cents={order.items_total_cents} {...sum} />
          {order.discount_cents > 0 && <Sum label={words.discount} cents={-order.discount_cents} {...sum} />}
          {order.shipping && (
            <Sum label={`${words.shipping}, ${order.shipping.name}`} cents={order.shipping.fee_cents} {...sum} />
          )}
          <Sum label={words.total} cents={order.total_cents} {...sum} strong />
          {(order.refunded_cents ?? 0) > 0 && (
            <Sum label={words.refunded} cents={-(order.refunded_cents ?? 0)} {...sum} />
          )}
        </tfoot>
      </table>
      <p className="muted asides">
        {order.sell_window_id && (
          <span>
            {words.filteredBy.sell_window_id}: <WindowLink id={order.sell_window_id} />
          </span>
        )}
        {order.coupon_id && (
          <span>
            {words.coupon}: <Link href={to.coupon(order.coupon_id)}>{order.coupon_id.slice(-6)}</Link>
          </span>
        )}
      </p>
    </div>
  );
}

function Sum(props: { label: string; cents: number; currency: string; columns: number; strong?: boolean }) {
  const { label, cents, currency, columns, strong = false } = props;
  return (
    <tr className={strong ? "strong" : ""}>
      <th scope="row" colSpan={columns} className="right">
        {label}
      </th>
      <td className="right">
        <Money cents={cents} currency={currency} />
      </td>
    </tr>
  );
}
