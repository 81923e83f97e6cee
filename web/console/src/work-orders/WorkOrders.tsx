import { useWords } from "@millrun/api";
import { Button } from "antd";
import { Link } from "wouter";
import { useProduct, WindowLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Page, Read } from "../kit/Page";
import { Progress } from "../kit/Progress";
import { useStatusWords } from "../kit/Status";
import { to } from "../kit/to";
import { useKitWords } from "../kit/useKitWords";
import { useWorkOrders, type WorkOrder } from "./api";
import { StartWork } from "./Commands";
import { WORDS } from "./words";

const COLUMNS = ["READY", "IN_PROGRESS", "DONE", "FAILED"] as const;

export function WorkOrders() {
  const words = useWords(WORDS);
  const kit = useKitWords();
  const statuses = useStatusWords();
  const pages = useWorkOrders();
  return (
    <Page title={words.title}>
      <Read query={{ ...pages, data: pages.data && pages.items }}>
        {(orders) =>
          orders.length === 0 ? (
            <Nothing title={words.empty.title} step={<Link href={to.batches()}>{kit.areas.batches}</Link>}>
              {words.empty.body}
            </Nothing>
          ) : (
            <div className="board">
              {COLUMNS.map((status) => {
                const of = orders.filter((order) => order.status === status);
                return (
                  <section key={status} className="board-column" aria-label={statuses.workOrder[status]}>
                    <h2>
                      {statuses.workOrder[status]} <span className="muted number">{of.length}</span>
                    </h2>
                    {of.length === 0 && <p className="muted">{words.emptyColumn}</p>}
                    {of.map((order) => (
                      <Card key={order.work_order_id} order={order} />
                    ))}
                  </section>
                );
              })}
            </div>
          )
        }
      </Read>
      {pages.hasNextPage && (
        <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {kit.more}
        </Button>
      )}
    </Page>
  );
}

function Card({ order }: { order: WorkOrder }) {
  const words = useWords(WORDS);
  const { data: product } = useProduct(order.product_id);
  const done = order.steps.filter(({ status }) => status === "DONE").length;
  return (
    <article className="card">
      <Link href={to.workOrder(order.work_order_id)}>{order.product_name ?? product?.name ?? words.workOrder}</Link>
      <div className="muted">
        <WindowLink id={order.sell_window_id} name={order.window_name} />
      </div>
      <div className="number">{words.pieces(order.quantity)}</div>
      {order.steps.length > 0 && (
        <>
          <Progress label={words.workOrder} value={done} threshold={order.steps.length} />
          <div className="muted">{words.steps(done, order.steps.length)}</div>
        </>
      )}
      {order.operator && <div className="muted">{order.operator}</div>}
      <StartWork order={order} size="small" />
    </article>
  );
}
