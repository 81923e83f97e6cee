import { useShop, useWords } from "@millrun/api";
import { useQueries } from "@tanstack/react-query";
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { Nothing } from "../kit/Nothing";
import { Panel, Read } from "../kit/Page";
import type { AdminOrder } from "../orders/api";
import { readOrder, useToShip } from "./api";
import { WORDS } from "./words";

const SLIPS_MAX = 100;

/** Packing slips of the chosen orders, one per printed page. */
export function Slips() {
  const words = useWords(WORDS);
  return (
    <Read query={useToShip()}>
      {({ orders }) =>
        orders.length === 0 ? (
          <Nothing title={words.noOrders.title}>{words.noOrders.body}</Nothing>
        ) : (
          <Chooser orders={orders.slice(0, SLIPS_MAX)} />
        )
      }
    </Read>
  );
}

function Chooser({ orders }: { orders: readonly AdminOrder[] }) {
  const words = useWords(WORDS);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const { client } = useShop();
  const chosen = orders.filter(({ order_id }) => !left.has(order_id));
  const slips = useQueries({
    queries: chosen.map(({ order_id }) => ({
      queryKey: ["order", order_id],
      queryFn: () => readOrder(client, order_id),
    })),
  });
  const ready = slips.map(({ data }) => data).filter((order) => order !== undefined);
  const toggle = (id: string, on: boolean) => {
    const next = new Set(left);
    if (on) next.delete(id);
    else next.add(id);
    setLeft(next);
  };
  return (
    <>
      <Panel
        title={words.slips.choose(chosen.length)}
        extra={
          <>
            <Button onClick={() => setLeft(new Set(left.size > 0 ? [] : orders.map(({ order_id }) => order_id)))}>
              {left.size > 0 ? words.slips.all : words.slips.none}
            </Button>
            <Button
              type="primary"
              disabled={ready.length === 0}
              loading={ready.length < chosen.length}
              onClick={() => window.print()}
            >
              {words.slips.print(chosen.length)}
            </Button>
          </>
        }
      >
        <div className="slip-choices">
          {orders.map(({ order_id, order_no }) => (
            <Checkbox
              key={order_id}
              checked={!left.has(order_id)}
              onChange={(event) => toggle(order_id, event.target.checked)}
            >
              <span className="number">{order_no}</span>
            </Checkbox>
          ))}
        </div>
      </Panel>
      <div className="slips">
        {ready.map((order) => (
          <Slip key={order.order_id} order={order} />
        ))}
      </div>
    </>
  );
}

function Slip({ order }: { order: AdminOrder }) {
  const { slips: words } = useWords(WORDS);
  const { shopName } = useShop().config;
  const { contact } = order;
  return (
    <article className="slip" aria-label={`${words.slip} ${order.order_no}`}>
      <header>
        <strong>{shopName}</strong>
        <span className="number nowrap">{order.order_no}</span>
      </header>
      {contact?.name && (
        <address>
          <span className="muted">{words.to}</span>
          <strong>{contact.name}</strong>
          {contact.shipping_address}
          <br />
          {contact.phone}
        </address>
      )}
      <table className="plain">
        <tbody>
          {order.lines.map(({ variant_id, name, quantity }) => (
            <tr key={variant_id}>
              <td className="number nowrap">{quantity} ×</td>
              <td>{name}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer className="muted">{words.thanks(shopName)}</footer>
    </article>
  );
}
