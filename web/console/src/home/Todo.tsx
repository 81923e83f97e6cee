import { useShop, useWords } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { Link } from "wouter";
import { Panel } from "../kit/Page";
import { areaOf } from "../frame/areas";
import { useMaySee } from "../kit/access";
import { Refusal } from "../kit/Refusal";
import { to } from "../kit/to";
import { readOrders } from "../orders/api";
import { stageOf, useBatches } from "../batches/api";
import { needsSomebody, useTasks } from "../money/api";
import type { Summary } from "./api";
import { WORDS, type HomeWords } from "./words";

interface Row {
  name: keyof HomeWords["todos"];
  count: number;
  /** There are more items than were counted. */
  more?: boolean;
  href: string;
}

/** Tasks for staff. A row without tasks is grey and has no link. */
export function Todo({ summary, absent }: { summary: Summary | undefined; absent: boolean }) {
  const words = useWords(WORDS);
  return (
    <Panel title={words.todo}>{summary ? <Rows rows={rowsOf(summary)} /> : absent ? <Counted /> : <Outline />}</Panel>
  );
}

function Outline() {
  return <Skeleton active title={false} paragraph={{ rows: 5 }} />;
}

function rowsOf(summary: Summary): Row[] {
  return [
    { name: "ship", count: summary.orders_to_ship, href: to.fulfilment() },
    { name: "confirm", count: summary.batches_to_confirm, href: to.batches() },
    { name: "money", count: summary.payment_tasks, href: to.money() },
    { name: "messages", count: summary.failed_notifications, href: to.machine("messages", { status: "FAILED" }) },
    { name: "events", count: summary.failed_events, href: to.machine("outbox", { status: "FAILED" }) },
    { name: "low", count: summary.low_stock.length, href: to.catalog() },
  ];
}

/** Counts from the lists, for shops without the summary. */
function Counted() {
  const { client } = useShop();
  const orders = useQuery({
    queryKey: ["orders", "to-ship", "count"],
    queryFn: () => readOrders(client, { status: "SHIPPING_SCHEDULED" }, undefined, 100),
  });
  const batches = useBatches();
  const tasks = useTasks();
  const failed = [orders, batches, tasks].find(({ isError }) => isError);
  if (failed) return <Refusal failure={failed.error} retry={() => void failed.refetch()} />;
  // Do not show zero while the count is unknown.
  if (orders.isPending || batches.isPending || tasks.isPending) return <Outline />;
  return (
    <Rows
      rows={[
        {
          name: "ship",
          count: orders.data?.items.length ?? 0,
          more: orders.data?.next_cursor !== undefined,
          href: to.fulfilment(),
        },
        {
          name: "confirm",
          count: batches.items.filter((batch) => stageOf(batch) === "toConfirm").length,
          href: to.batches(),
        },
        { name: "money", count: tasks.items.filter(needsSomebody).length, more: tasks.hasNextPage, href: to.money() },
      ]}
    />
  );
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const words = useWords(WORDS);
  const maySee = useMaySee();
  return (
    <ul className="todo">
      {rows.map(({ name, count, more, href }) => (
        <li key={name} className={count === 0 ? "idle" : ""}>
          {count === 0 || !maySee(areaOf(href)) ? (
            <span>
              <span className="todo-count number">{count}</span> {words.todos[name](count)}
            </span>
          ) : (
            <Link href={href}>
              <span className="todo-count number">
                {count}
                {more && "+"}
              </span>{" "}
              {words.todos[name](count)}
              <span className="todo-arrow" aria-hidden="true">
                →
              </span>
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
