import { useWords } from "@millrun/api";
import { Alert, Button } from "antd";
import { ProductLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Panel, Read } from "../kit/Page";
import { Qty } from "../kit/Show";
import { ORDERS_MAX, useToShip } from "./api";
import { toPick } from "./picking";
import { WORDS } from "./words";

export function PickingList() {
  const words = useWords(WORDS);
  return (
    <Read query={useToShip()}>
      {({ orders, isAll }) => {
        const rows = toPick(orders);
        if (rows.length === 0) return <Nothing title={words.noOrders.title}>{words.noOrders.body}</Nothing>;
        const pieces = rows.reduce((sum, { quantity }) => sum + quantity, 0);
        return (
          <Panel
            title={words.pick.summary(pieces, orders.length)}
            extra={<Button onClick={() => window.print()}>{words.print}</Button>}
          >
            {!isAll && <Alert type="info" showIcon title={words.more(ORDERS_MAX)} />}
            <table className="plain">
              <thead>
                <tr>
                  <th scope="col" className="tick" aria-hidden="true" />
                  <th scope="col">{words.pick.product}</th>
                  <th scope="col" className="right">
                    {words.pick.quantity}
                  </th>
                  <th scope="col" className="right">
                    {words.pick.orders}
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.variant_id}>
                    <td className="tick">
                      <span className="tick-box" aria-hidden="true" />
                    </td>
                    <td>
                      <ProductLink id={row.product_id} name={row.name} />
                    </td>
                    <td className="right">
                      <strong>
                        <Qty value={row.quantity} />
                      </strong>
                    </td>
                    <td className="right">
                      <Qty value={row.orders} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Panel>
        );
      }}
    </Read>
  );
}
