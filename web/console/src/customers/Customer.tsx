import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { Facts } from "../kit/Facts";
import { OrderLink, short } from "../kit/names";
import { Page, Panel, Read } from "../kit/Page";
import { Copyable, Money, When } from "../kit/Show";
import { Status } from "../kit/Status";
import { to } from "../kit/to";
import type { AdminOrder } from "../orders/api";
import { useCustomer, type Customer as CustomerOf } from "./api";
import { EraseCustomer, GrantPoints } from "./Commands";
import { WORDS } from "./words";

export function Customer({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const id = params.id ?? "";
  const query = useCustomer(id);
  const customer = query.data;
  return (
    <Page
      title={customer?.email ?? `${words.customer} ${short(id)}`}
      back={{ href: to.customers(), label: words.title }}
      actions={
        customer && (
          <>
            <GrantPoints customerId={id} balanceCents={customer.points.balance_cents} />
            {customer.created_at && <EraseCustomer customer={customer} />}
          </>
        )
      }
    >
      <Read query={query}>{(found) => <Detail customer={found} />}</Read>
    </Page>
  );
}

function OrderRows({ orders }: { orders: readonly AdminOrder[] }) {
  const words = useWords(WORDS);
  if (orders.length === 0) return <p className="muted">{words.noOrders}</p>;
  return (
    <ul className="rows">
      {orders.map((order) => (
        <li key={order.order_id}>
          <OrderLink id={order.order_id} no={order.order_no} />
          <Status kind="order" value={order.status} />
          <When at={order.created_at} />
          <Money cents={order.total_cents} currency={order.currency} />
        </li>
      ))}
    </ul>
  );
}

function Detail({ customer }: { customer: CustomerOf }) {
  const words = useWords(WORDS);
  const { customer_id, email, phone, created_at, points, coupons, orders } = customer;
  return (
    <div className="columns">
      <Panel title={words.orders} extra={<Link href={to.orders({ customer_id })}>{words.allOrders} →</Link>}>
        <OrderRows orders={orders} />
      </Panel>
      <div>
        <Panel title={words.facts}>
          <Facts
            of={[
              [
                words.email,
                email && (
                  <a key="e" href={`mailto:${email}`}>
                    {email}
                  </a>
                ),
              ],
              [words.phone, phone],
              [words.since, created_at ? <When key="s" at={created_at} whole /> : words.erased],
              [words.balance, <Money key="b" cents={points.balance_cents} />],
              ["ID", <Copyable key="i" text={customer_id} />],
            ]}
          />
        </Panel>
        <Panel title={words.coupons}>
          {coupons.length === 0 && <p className="muted">{words.noCoupons}</p>}
          <ul className="rows">
            {coupons.map((coupon) => (
              <li key={coupon.coupon_id}>
                <Link href={to.coupon(coupon.coupon_id)}>{coupon.name}</Link>
                <Status kind="userCoupon" value={coupon.status} />
                <span className="muted">
                  {words.validUntil} <When at={coupon.valid_until} />
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
    </div>
  );
}
