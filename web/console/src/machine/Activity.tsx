import { answered, usePages, useShop, useWords, type components } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { TextFilter, useFilters } from "../kit/filters";
import { short } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { PagedTable } from "../kit/PagedTable";
import { Copyable, When } from "../kit/Show";
import { ACTIONS, nameOf } from "./actions";
import { SubjectLink } from "./SubjectLink";
import { WORDS } from "./words";

type Entry = components["schemas"]["ActivityView"];

/** The log of staff commands. */
export function Activity() {
  const words = useWords(WORDS).activity;
  const actions = useWords(ACTIONS);
  const { client } = useShop();
  const { values, set, any } = useFilters(["by", "subject", "from", "to"]);
  const pages = usePages(["activity", values], (cursor) =>
    answered(client.GET("/api/v1/admin/activity", { params: { query: { ...values, cursor } } })),
  );
  const columns: TableColumnsType<Entry> = [
    { title: words.at, key: "at", render: (_, { at }) => <When at={at} whole /> },
    { title: words.action, key: "action", render: (_, { action }) => nameOf(actions, action) },
    { title: words.subject, key: "subject", render: (_, { subject }) => <SubjectLink {...subject} /> },
    { title: words.by, key: "by", render: (_, { by }) => <span title={by}>{short(by)}</span> },
    {
      title: words.correlation,
      key: "correlation",
      render: (_, { correlation_id }) => <Copyable text={correlation_id}>{short(correlation_id)}</Copyable>,
      responsive: ["md"],
    },
  ];
  return (
    <>
      <div className="filters" role="search">
        <TextFilter label={words.by} value={values.by} onChange={(by) => set({ by })} />
        <TextFilter label={words.subject} value={values.subject} onChange={(subject) => set({ subject })} />
        <TextFilter type="date" label={words.from} value={values.from} onChange={(from) => set({ from })} />
        <TextFilter type="date" label={words.to} value={values.to} onChange={(to) => set({ to })} />
      </div>
      <PagedTable<Entry>
        label={words.action}
        pages={pages}
        rowKey={({ at, action, subject }) => `${at} ${action} ${subject.id}`}
        columns={columns}
        empty={<Nothing title={words.empty.title}>{any ? undefined : words.empty.body}</Nothing>}
      />
    </>
  );
}
