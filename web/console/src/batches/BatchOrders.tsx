import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { CsvButton } from "../kit/CsvButton";
import { OneOf, useFilters } from "../kit/filters";
import { CustomerLink, OrderLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Panel } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { Qty, When } from "../kit/Show";
import { Status, useStatusWords } from "../kit/Status";
import { useBatchOrders, type BatchOrder } from "./api";
import { WORDS } from "./words";

export function BatchOrders({ batchId }: { batchId: string }) {
  const words = useWords(WORDS);
  const statuses = useStatusWords();
  const { values, set } = useFilters(["status"]);
  const pages = useBatchOrders(batchId, values.status);
  const columns: TableColumnsType<BatchOrder> = [
    { title: words.order, key: "no", render: (_, { order_id, order_no }) => <OrderLink id={order_id} no={order_no} /> },
    {
      title: words.customer,
      key: "customer",
      render: (_, { customer_id, contact }) => <CustomerLink id={customer_id} name={contact?.name} />,
    },
    { title: words.quantity, key: "quantity", align: "right", render: (_, { quantity }) => <Qty value={quantity} /> },
    { title: words.status, key: "status", render: (_, { status }) => <Status kind="order" value={status} /> },
    { title: words.paidAt, key: "paid", render: (_, { paid_at }) => <When at={paid_at} />, responsive: ["md"] },
  ];
  return (
    <Panel
      title={words.orders}
      extra={
        <>
          <OneOf
            label={words.status}
            value={values.status}
            options={statuses.order}
            onChange={(status) => set({ status })}
          />
          <CsvButton path={`/admin/batches/${batchId}/orders`} filters={values} name="batch.csv" />
        </>
      }
    >
      <PagedTable<BatchOrder>
        label={words.orders}
        pages={pages}
        rowKey={(order) => order.order_id}
        columns={columns}
        empty={<Nothing title={words.noOrders.title}>{words.noOrders.body}</Nothing>}
      />
    </Panel>
  );
}
