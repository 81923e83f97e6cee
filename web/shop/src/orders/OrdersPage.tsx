import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { imageOf } from "../catalogue/image";
import { useProduct } from "../catalogue/reads";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { More } from "../parts/More";
import { Picture } from "../parts/Picture";
import { Rows } from "../parts/Skeleton";
import { nextOf, stateOf, toneOf } from "./next";
import { isToBePaid } from "./progress";
import { useOrders, type Order } from "./reads";
import { WORDS } from "./words";

export function OrdersPage() {
  const words = useWords(WORDS);
  const orders = useOrders();
  return (
    <div className="stack">
      <h1>{words.title}</h1>
      {orders.isPending && <Rows />}
      {orders.isError && orders.items.length === 0 && (
        <Failure failure={orders.error} retry={() => void orders.refetch()} />
      )}
      {orders.isSuccess && orders.items.length === 0 && (
        <Empty title={words.none} text={words.noneText} to="/" step={words.toShop} />
      )}
      {orders.items.length > 0 && (
        <ul className="lines enter">
          {orders.items.map((order) => (
            <Row key={order.order_id} order={order} />
          ))}
        </ul>
      )}
      {orders.items.length > 0 && <More pages={orders} />}
    </div>
  );
}

/** The picture of an order's first product, which may no longer be in the shop. */
function Thumb({ line: { product_id, name } }: { line: Order["lines"][number] }) {
  return <Picture id={product_id} name={name} image={imageOf(useProduct(product_id).data)} thumb />;
}

function Row({ order }: { order: Order }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const first = order.lines[0];
  const price = format.money(order.total_cents, order.currency);
  const to = `/orders/${order.order_id}`;
  return (
    <li>
      {first && <Thumb line={first} />}
      <div className="grow stack tight">
        <div className="row">
          <h2>
            <Link href={to}>{order.lines.map(({ name }) => name).join(", ")}</Link>
          </h2>
          <span className={`tag ${toneOf(order)}`}>{stateOf(order, words)}</span>
        </div>
        <p>{nextOf(order, words, language, config)}</p>
        <p className="small muted">
          {words.order(order.order_no)} · {words.placed(format.dateTime(order.created_at, language, config.timeZone))}
        </p>
      </div>
      <div className="end stack tight">
        <p>
          <strong>{price}</strong>
        </p>
        {isToBePaid(order) && (
          <Link className="button" href={to}>
            {words.payNow(price)}
          </Link>
        )}
      </div>
    </li>
  );
}
