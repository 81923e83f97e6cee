import { Button, Skeleton, Table, type TableColumnsType } from "antd";
import type { ReactNode } from "react";
import { Details } from "./Actions";
import { Refusal } from "./Refusal";
import { useKitWords } from "./useKitWords";

interface Pages<T> {
  items: T[];
  isPending: boolean;
  isError: boolean;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

interface PagedTableProps<T> {
  label: string;
  pages: Pages<T>;
  columns: TableColumnsType<T>;
  rowKey: (item: T) => string;
  /** The placeholder of an empty list. */
  empty: ReactNode;
  /** A line with the totals of the visible rows. */
  totals?: ReactNode;
  details?: (item: T) => ReactNode;
}

/** A list of the API with pagination. */
export function PagedTable<T extends object>(props: PagedTableProps<T>) {
  const { label, pages, columns, rowKey, empty, totals, details } = props;
  const words = useKitWords();
  if (pages.isError && pages.items.length === 0) {
    return <Refusal failure={pages.error} retry={() => void pages.refetch()} />;
  }
  if (pages.isPending) return <Skeleton active title={false} paragraph={{ rows: 6, width: "100%" }} />;
  if (pages.items.length === 0) return empty;
  return (
    <>
      <div role="region" aria-label={label} tabIndex={0} className="table-region">
        <Table<T>
          size="small"
          columns={columns}
          dataSource={pages.items}
          rowKey={rowKey}
          pagination={false}
          {...(details && { expandable: { expandedRowRender: details, columnTitle: <Details /> } })}
        />
      </div>
      {pages.isError && <Refusal failure={pages.error} retry={() => void pages.fetchNextPage()} />}
      <footer className="table-foot">
        <span className="muted">{words.shown(pages.items.length, !pages.hasNextPage)}</span>
        {totals}
        {pages.hasNextPage && (
          <Button size="small" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {words.more}
          </Button>
        )}
      </footer>
    </>
  );
}
