import { useWords } from "@millrun/api";
import { Button } from "antd";
import { useFilters } from "../kit/filters";
import { BatchLink, useProduct, WindowLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Page, Read } from "../kit/Page";
import { Progress } from "../kit/Progress";
import { Day, When } from "../kit/Show";
import { useKitWords } from "../kit/useKitWords";
import { stageOf, useBatches, type Batch, type Stage } from "./api";
import { ConfirmBatch } from "./Commands";
import { WORDS } from "./words";

const STAGES: readonly Stage[] = ["toConfirm", "paying", "producing", "shipping"];

export function Batches() {
  const words = useWords(WORDS);
  const kit = useKitWords();
  const { values, set } = useFilters(["show"]);
  const pages = useBatches();
  const canceled = values.show === "canceled";
  const stages: readonly Stage[] = canceled ? ["canceled"] : STAGES;
  return (
    <Page
      title={canceled ? words.canceledLink : words.title}
      actions={
        <Button onClick={() => set({ show: canceled ? undefined : "canceled" })}>
          {canceled ? words.title : words.canceledLink}
        </Button>
      }
    >
      <Read query={{ ...pages, data: pages.data && pages.items }}>
        {(batches) =>
          batches.length === 0 ? (
            <Nothing title={words.empty.title}>{words.empty.body}</Nothing>
          ) : (
            <div className="board">
              {stages.map((stage) => (
                <Column key={stage} stage={stage} batches={batches.filter((batch) => stageOf(batch) === stage)} />
              ))}
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

function Column({ stage, batches }: { stage: Stage; batches: readonly Batch[] }) {
  const words = useWords(WORDS);
  return (
    <section className="board-column" aria-label={words.stages[stage]}>
      <h2>
        {words.stages[stage]} <span className="muted number">{batches.length}</span>
      </h2>
      {batches.length === 0 && <p className="muted">{words.emptyStage[stage]}</p>}
      {batches.map((batch) => (
        <Card key={batch.batch_id} batch={batch} stage={stage} />
      ))}
    </section>
  );
}

function Card({ batch, stage }: { batch: Batch; stage: Stage }) {
  const words = useWords(WORDS);
  const { data: product } = useProduct(batch.product_id);
  const isPaid = stage !== "toConfirm" && stage !== "canceled";
  return (
    <article className="card">
      <BatchLink id={batch.batch_id}>{product?.name}</BatchLink>
      <div className="muted">
        <WindowLink id={batch.sell_window_id} />
      </div>
      <Progress
        label={product?.name ?? words.batch}
        value={isPaid ? batch.paid_qty : batch.reserved_qty}
        threshold={batch.target_qty}
        max={isPaid ? batch.reserved_qty : undefined}
      />
      <div className="number">
        {isPaid ? words.paid(batch.paid_qty, batch.reserved_qty) : words.pieces(batch.reserved_qty, batch.target_qty)}
      </div>
      {stage === "paying" && batch.pay_before && (
        <div className="muted">
          {words.payBefore} <When at={batch.pay_before} />
        </div>
      )}
      {(stage === "producing" || stage === "shipping") && batch.schedule && (
        <div className="muted">
          {words.ship} <Day of={batch.schedule.planned_ship_date} />
        </div>
      )}
      {stage === "toConfirm" && <ConfirmBatch batch={batch} size="small" />}
    </article>
  );
}
