import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { OneOf, useFilters } from "../kit/filters";
import { OrderLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Page } from "../kit/Page";
import { Actions } from "../kit/Actions";
import { PagedTable } from "../kit/PagedTable";
import { Copyable, Money as Amount, When } from "../kit/Show";
import { Dot } from "../kit/Status";
import { WORDS as ORDER_WORDS } from "../orders/words";
import { chosen, needsSomebody, useTasks, type Task } from "./api";
import { MarkDone, RecordRefund } from "./Commands";
import { WORDS } from "./words";

export function Money() {
  const words = useWords(WORDS);
  const { values, set } = useFilters(["kind", "done"]);
  const pages = useTasks();
  const open = pages.items.filter(needsSomebody).length;
  return (
    <Page title={words.title} beside={open > 0 && <Dot tone="waits">{words.needsYou(open)}</Dot>}>
      <div className="filters" role="search">
        <OneOf label={words.kind} value={values.kind} options={words.kinds} onChange={(kind) => set({ kind })} />
        <OneOf
          label={words.state}
          value={values.done}
          options={{ false: words.open, true: words.done }}
          onChange={(done) => set({ done })}
        />
      </div>
      <PagedTable<Task>
        label={words.title}
        pages={{ ...pages, items: chosen(pages.items, values) }}
        rowKey={({ task_id }) => task_id}
        columns={useColumns()}
        empty={<Nothing title={words.empty.title}>{words.empty.body}</Nothing>}
      />
    </Page>
  );
}

function useColumns(): TableColumnsType<Task> {
  const words = useWords(WORDS);
  const { methods } = useWords(ORDER_WORDS);
  return [
    {
      title: words.kind,
      key: "kind",
      render: (_, task) => <Dot tone={needsSomebody(task) ? "waits" : "quiet"}>{words.kinds[task.kind]}</Dot>,
    },
    {
      title: words.whatToDo,
      key: "todo",
      render: (_, task) => (
        <>
          <div>{words.todo[task.kind]}</div>
          <div className="muted">{task.note ?? task.why}</div>
        </>
      ),
    },
    {
      title: words.order,
      key: "order",
      render: (_, { order_id }) => (order_id ? <OrderLink id={order_id} /> : "–"),
    },
    {
      title: words.amount,
      key: "amount",
      align: "right",
      render: (_, { amount_cents }) => (amount_cents === undefined ? "–" : <Amount cents={amount_cents} />),
    },
    {
      title: words.provider,
      key: "provider",
      render: (_, { method, provider_no, trade_no }) => (
        <>
          <div>{methods[method] ?? method}</div>
          <Copyable text={provider_no ?? trade_no} />
        </>
      ),
      responsive: ["md"],
    },
    { title: words.when, key: "at", render: (_, { at }) => <When at={at} /> },
    {
      title: <Actions />,
      key: "actions",
      align: "right",
      render: (_, task) => (
        <span className="row-actions">
          <RecordRefund task={task} />
          <MarkDone task={task} />
        </span>
      ),
    },
  ];
}
