import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { Actions } from "../kit/Actions";
import { Nothing } from "../kit/Nothing";
import { Page } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { Money } from "../kit/Show";
import { Dot } from "../kit/Status";
import { useMethods, type Method } from "./api";
import { CreateMethod, EditMethod, SwitchMethod } from "./Commands";
import { WORDS } from "./words";

/** The shop's shipping methods. */
export function Delivery() {
  const words = useWords(WORDS);
  const pages = useMethods();
  const create = pages.isSuccess && <CreateMethod methods={pages.items} />;
  return (
    <Page title={words.title} actions={create}>
      <p className="muted page-lead">{words.lead}</p>
      <PagedTable<Method>
        label={words.title}
        pages={pages}
        rowKey={({ code }) => code}
        columns={useColumns(pages.items)}
        empty={
          <Nothing title={words.empty.title} step={create}>
            {words.empty.body}
          </Nothing>
        }
      />
    </Page>
  );
}

function useColumns(methods: readonly Method[]): TableColumnsType<Method> {
  const words = useWords(WORDS);
  const dash = <span className="muted">–</span>;
  return [
    {
      title: words.name,
      key: "name",
      render: (_, { name, code }) => (
        <>
          <div className="cell-name">{name}</div>
          <code className="muted">{code}</code>
        </>
      ),
    },
    {
      title: words.state,
      key: "enabled",
      render: (_, { enabled }) => (
        <Dot tone={enabled ? "good" : "quiet"}>{enabled ? words.states.enabled : words.states.disabled}</Dot>
      ),
    },
    { title: words.kind, key: "kind", render: (_, { kind }) => words.kinds[kind], responsive: ["md"] },
    {
      title: words.fee,
      key: "fee",
      align: "right",
      render: (_, { fee_cents }) => (fee_cents > 0 ? <Money cents={fee_cents} /> : words.free),
    },
    {
      title: words.freeFrom,
      key: "free",
      align: "right",
      render: (_, { free_from_cents }) => (free_from_cents === undefined ? dash : <Money cents={free_from_cents} />),
      responsive: ["md"],
    },
    {
      title: words.island,
      key: "island",
      align: "right",
      render: (_, { island_surcharge_cents }) =>
        island_surcharge_cents > 0 ? <Money cents={island_surcharge_cents} /> : dash,
      responsive: ["md"],
    },
    {
      title: words.sort,
      key: "sort",
      align: "right",
      render: (_, { sort }) => <span className="number">{sort}</span>,
      responsive: ["md"],
    },
    {
      title: <Actions />,
      key: "actions",
      align: "right",
      render: (_, method) => (
        <span className="row-actions">
          <EditMethod method={method} methods={methods} />
          <SwitchMethod method={method} methods={methods} />
        </span>
      ),
    },
  ];
}
