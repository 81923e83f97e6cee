import { useWords } from "@millrun/api";
import { Skeleton } from "antd";
import { Link } from "wouter";
import { areaOf } from "../frame/areas";
import { useMaySee } from "../kit/access";
import { Panel } from "../kit/Page";
import { to } from "../kit/to";
import type { Summary } from "./api";
import { WORDS, type HomeWords } from "./words";

interface Row {
  name: keyof HomeWords["todos"];
  count: number;
  href: string;
}

/** Tasks for staff. A row without tasks is grey and has no link. */
export function Todo({ summary }: { summary: Summary | undefined }) {
  const words = useWords(WORDS);
  return <Panel title={words.todo}>{summary ? <Rows rows={rowsOf(summary)} /> : <Outline />}</Panel>;
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

function Rows({ rows }: { rows: readonly Row[] }) {
  const words = useWords(WORDS);
  const maySee = useMaySee();
  return (
    <ul className="todo">
      {rows.map(({ name, count, href }) => (
        <li key={name} className={count === 0 ? "idle" : ""}>
          {count === 0 || !maySee(areaOf(href)) ? (
            <span>
              <span className="todo-count number">{count}</span> {words.todos[name](count)}
            </span>
          ) : (
            <Link href={href}>
              <span className="todo-count number">{count}</span> {words.todos[name](count)}
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
