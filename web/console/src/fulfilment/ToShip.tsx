import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { OrderLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Actions } from "../kit/Actions";
import { PagedTable } from "../kit/PagedTable";
import { When } from "../kit/Show";
import { useOrders, type AdminOrder } from "../orders/api";
import { ShipOrder } from "../orders/Commands";
import { WORDS } from "./words";

export function ToShip() {
  const words = useWords(WORDS);
  const pages = useOrders({ status: "SHIPPING_SCHEDULED" });
  const columns: TableColumnsType<AdminOrder> = [
    { title: words.order, key: "no", render: (_, { order_id, order_no }) => <OrderLink id={order_id} no={order_no} /> },
    {
      title: words.contents,
      key: "lines",
      render: (_, { lines }) => (
        <ul className="lines">
          {lines.map(({ variant_id, name, quantity }) => (
            <li key={variant_id}>
              <span className="number">{quantity} ×</span> {name}
            </li>
          ))}
        </ul>
      ),
    },
    { title: words.waiting, key: "since", render: (_, order) => <When at={waitingSince(order)} /> },
    {
      title: <Actions />,
      key: "actions",
      align: "right",
      render: (_, order) => <ShipOrder order={order} size="small" />,
    },
  ];
  return (
    <PagedTable<AdminOrder>
      label={words.tabs.ship}
      pages={pages}
      rowKey={(order) => order.order_id}
      columns={columns}
      empty={<Nothing title={words.noOrders.title}>{words.noOrders.body}</Nothing>}
    />
  );
}

function waitingSince({ history, updated_at }: AdminOrder): string {
  return history.findLast(({ status }) => status === "SHIPPING_SCHEDULED")?.at ?? updated_at;
}
