import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { short } from "../kit/names";
import { PagedTable } from "../kit/PagedTable";
import { isOutOfReach } from "../kit/Refusal";
import { When } from "../kit/Show";
import { useAdjustments, type Adjustment } from "./api";
import { WORDS } from "./words";

/** Stock adjustments of a variant: who, how many pieces, and why. */
export function Adjustments({ variantId }: { variantId: string }) {
  const words = useWords(WORDS);
  const pages = useAdjustments(variantId);
  const columns: TableColumnsType<Adjustment> = [
    { title: words.at, key: "at", render: (_, { at }) => <When at={at} whole /> },
    {
      title: words.delta,
      key: "delta",
      align: "right",
      render: (_, { delta }) => <span className="number">{delta > 0 ? `+${delta}` : `−${-delta}`}</span>,
    },
    { title: words.adjust.reason, key: "reason", render: (_, { reason }) => reason },
    { title: words.by, key: "by", render: (_, { by }) => short(by) },
  ];
  if (isOutOfReach(pages.error)) return null;
  return (
    <PagedTable<Adjustment>
      label={words.history}
      pages={pages}
      rowKey={({ at, delta }) => `${at} ${delta}`}
      columns={columns}
      empty={<p className="muted">{words.noHistory}</p>}
    />
  );
}
