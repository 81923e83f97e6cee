import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { Facts } from "../kit/Facts";
import { ProductLink, useProduct, WindowLink } from "../kit/names";
import { Page, Panel, Read } from "../kit/Page";
import { Day, When } from "../kit/Show";
import { Dot, Status } from "../kit/Status";
import { to } from "../kit/to";
import { stageOf, useBatch, type Batch as BatchOf } from "./api";
import { BatchOrders } from "./BatchOrders";
import { CancelBatch, ConfirmBatch, ScheduleBatch } from "./Commands";
import { Funnel } from "./Funnel";
import { WORDS } from "./words";

export function Batch({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const query = useBatch(params.id ?? "");
  const batch = query.data;
  const { data: product } = useProduct(batch?.product_id);
  return (
    <Page
      title={product?.name ?? words.batch}
      back={{ href: to.batches(), label: words.title }}
      beside={batch && <Heading batch={batch} />}
      actions={
        batch && (
          <>
            <ConfirmBatch batch={batch} />
            <ScheduleBatch batch={batch} />
            <CancelBatch batch={batch} />
          </>
        )
      }
    >
      <Read query={query}>{(found) => <Detail batch={found} />}</Read>
    </Page>
  );
}

function Heading({ batch }: { batch: BatchOf }) {
  const words = useWords(WORDS);
  return (
    <>
      <Status kind="batch" value={batch.status} />
      {batch.status === "CONFIRMED" && <span>{words.stages[stageOf(batch)]}</span>}
      <span>
        <WindowLink id={batch.sell_window_id} />
      </span>
    </>
  );
}

function Detail({ batch }: { batch: BatchOf }) {
  const words = useWords(WORDS);
  const { schedule } = batch;
  return (
    <>
      <div className="columns">
        <Panel title={words.funnel.title}>
          <Funnel batch={batch} />
        </Panel>
        <Panel title={words.facts}>
          <Facts
            of={[
              [words.product, <ProductLink key="p" id={batch.product_id} />],
              [words.created, <When key="c" at={batch.created_at} />],
              [words.confirmed, batch.confirmed_at && <When at={batch.confirmed_at} />],
              [words.payBefore, batch.pay_before && <When at={batch.pay_before} whole />],
              [words.production, schedule && <Day of={schedule.planned_production_date} />],
              [words.ship, schedule && <Day of={schedule.planned_ship_date} />],
              [words.notes, schedule?.notes],
              [words.reason, batch.reason],
              [
                words.workOrder,
                batch.status === "CONFIRMED" && <Link href={to.workOrder(batch.batch_id)}>{words.workOrder} →</Link>,
              ],
            ]}
          />
          {batch.progress.length > 0 && (
            <>
              <h3>{words.work.title}</h3>
              <ul className="rows">
                {batch.progress.map(({ work, is_done, orders_count }) => (
                  <li key={work}>
                    <span>{words.work[work](orders_count)}</span>
                    <Dot tone={is_done ? "good" : "waits"}>{is_done ? words.work.done : words.work.underWay}</Dot>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Panel>
      </div>
      <BatchOrders batchId={batch.batch_id} />
    </>
  );
}
