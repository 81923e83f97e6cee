import { useWords, type components } from "@millrun/api";
import { Facts } from "../kit/Facts";
import { BatchLink, ProductLink, useProduct, WindowLink } from "../kit/names";
import { Page, Panel, Read } from "../kit/Page";
import { When } from "../kit/Show";
import { Status, useStatusWords } from "../kit/Status";
import { to } from "../kit/to";
import { useWorkOrder, type WorkOrder as WorkOrderOf } from "./api";
import { CompleteWork, FailWork, StartWork } from "./Commands";
import { StepCard } from "./StepCard";
import { WORDS } from "./words";

const COLUMNS: readonly components["schemas"]["StepStatus"][] = ["TODO", "DOING", "DONE"];

export function WorkOrder({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const query = useWorkOrder(params.id ?? "");
  const order = query.data;
  const { data: product } = useProduct(order?.product_id);
  return (
    <Page
      title={order?.product_name ?? product?.name ?? words.workOrder}
      back={{ href: to.workOrders(), label: words.title }}
      beside={
        order && (
          <>
            <Status kind="workOrder" value={order.status} />
            <span className="number">{words.pieces(order.quantity)}</span>
          </>
        )
      }
      actions={
        order && (
          <>
            <StartWork order={order} />
            <CompleteWork order={order} />
            <FailWork order={order} />
          </>
        )
      }
    >
      <Read query={query}>{(found) => <Detail order={found} />}</Read>
    </Page>
  );
}

function Detail({ order }: { order: WorkOrderOf }) {
  const words = useWords(WORDS);
  const statuses = useStatusWords();
  return (
    <>
      <div className="board">
        {COLUMNS.map((status) => {
          const steps = order.steps.filter((step) => step.status === status);
          return (
            <section key={status} className="board-column" aria-label={statuses.step[status]}>
              <h2>
                {statuses.step[status]} <span className="muted number">{steps.length}</span>
              </h2>
              {steps.length === 0 && <p className="muted">{words.emptyColumn}</p>}
              {steps.map((step) => (
                <StepCard key={step.n} order={order} step={step} />
              ))}
            </section>
          );
        })}
      </div>
      <Panel title={words.facts}>
        <Facts
          of={[
            [words.product, <ProductLink key="p" id={order.product_id} name={order.product_name} />],
            [words.window, <WindowLink key="w" id={order.sell_window_id} name={order.window_name} />],
            [words.batch, <BatchLink key="b" id={order.batch_id} />],
            [words.operator, order.operator],
            [words.started, order.start_at && <When at={order.start_at} whole />],
            [words.ended, order.end_at && <When at={order.end_at} whole />],
            [words.reason, order.reason],
          ]}
        />
      </Panel>
    </>
  );
}
