import { useWords } from "@millrun/api";
import { Button, Tag, type TableColumnsType } from "antd";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { CsvButton } from "../kit/CsvButton";
import { OneOf, TextFilter, useFilters } from "../kit/filters";
import { OrderLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Page } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { Money, useFormat, When } from "../kit/Show";
import { Status, useStatusWords } from "../kit/Status";
import { to } from "../kit/to";
import { useKitWords } from "../kit/useKitWords";
import { FILTERS, piecesOf, useOrders, type AdminOrder } from "./api";
import { WORDS } from "./words";

const HIDDEN = ["order_id", "customer_id", "product_id", "sell_window_id"] as const;

export function Orders() {
  const words = useWords(WORDS);
  const kit = useKitWords();
  const statuses = useStatusWords();
  const { money } = useFormat();
  const { values, set, clear, any } = useFilters(FILTERS);
  const pages = useOrders(values);
  useOpenAlone(pages.items, pages.isSuccess);
  const sum = pages.items.reduce((total, order) => total + order.total_cents, 0);
  return (
    <Page title={words.title} actions={<CsvButton path="/admin/orders" filters={values} name="orders.csv" />}>
      <div className="filters" role="search">
        <OneOf
          label={words.status}
          value={values.status}
          options={statuses.order}
          onChange={(status) => set({ status })}
        />
        <OneOf
          label={words.kind.label}
          value={values.kind}
          options={{ INSTANT: words.kind.INSTANT, PREORDER: words.kind.PREORDER }}
          onChange={(kind) => set({ kind })}
        />
        <TextFilter label={words.filters.order_no} value={values.order_no} onChange={(order_no) => set({ order_no })} />
        {(["phone", "email"] as const).map((name) => (
          <TextFilter
            key={name}
            label={words.filters[name]}
            value={values[name]}
            onChange={(value) => set({ [name]: value })}
          />
        ))}
        {(["created_from", "created_to"] as const).map((name) => (
          <TextFilter
            key={name}
            type="date"
            label={words.filters[name]}
            value={values[name]}
            onChange={(value) => set({ [name]: value })}
          />
        ))}
        {HIDDEN.filter((name) => values[name]).map((name) => (
          <Tag key={name} closable onClose={() => set({ [name]: undefined })}>
            {words.filteredBy[name]}: {values[name]}
          </Tag>
        ))}
        {any && (
          <Button type="link" onClick={clear}>
            {kit.clear}
          </Button>
        )}
      </div>
      <PagedTable<AdminOrder>
        label={words.title}
        pages={pages}
        rowKey={(order) => order.order_id}
        columns={useColumns()}
        totals={<span className="number">{words.totals(pages.items.length, money(sum))}</span>}
        empty={
          any ? (
            <Nothing title={words.noneFound.title} step={<Button onClick={clear}>{kit.clear}</Button>}>
              {words.noneFound.body}
            </Nothing>
          ) : (
            <Nothing title={words.empty.title}>{words.empty.body}</Nothing>
          )
        }
      />
    </Page>
  );
}

function useColumns(): TableColumnsType<AdminOrder> {
  const words = useWords(WORDS);
  return [
    {
      title: words.number,
      key: "number",
      render: (_, { order_id, order_no }) => <OrderLink id={order_id} no={order_no} />,
    },
    { title: words.placed, key: "placed", render: (_, { created_at }) => <When at={created_at} /> },
    { title: words.status, key: "status", render: (_, { status }) => <Status kind="order" value={status} /> },
    { title: words.kind.label, key: "kind", render: (_, { kind }) => words.kind[kind], responsive: ["lg"] },
    {
      title: words.lines,
      key: "lines",
      render: (_, order) => (
        <span className="ellipsis">
          {order.lines[0]?.name}
          <span className="muted"> · {words.pieces(piecesOf(order))}</span>
        </span>
      ),
    },
    {
      title: words.total,
      key: "total",
      align: "right",
      render: (_, { total_cents, currency }) => <Money cents={total_cents} currency={currency} />,
    },
  ];
}

/** Opens the only order that a search has found. */
function useOpenAlone(items: readonly AdminOrder[], isRead: boolean): void {
  const state = useHistoryState<{ open?: string } | null>();
  const [, navigate] = useLocation();
  const only = isRead && state?.open === "alone" && items.length === 1 ? items[0] : undefined;
  useEffect(() => {
    if (only) navigate(to.order(only.order_id), { replace: true });
  }, [only, navigate]);
}
