import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { Link } from "wouter";
import { Nothing } from "../kit/Nothing";
import { Page, Panel } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { Progress } from "../kit/Progress";
import { When } from "../kit/Show";
import { Dot } from "../kit/Status";
import { to } from "../kit/to";
import { phaseOf, useSellWindows, type SellWindow } from "./api";
import { Calendar } from "./Calendar";
import { CreateWindow } from "./Commands";
import { WORDS } from "./words";

const TONES = { upcoming: "quiet", open: "good", over: "quiet" } as const;

export function Windows() {
  const words = useWords(WORDS);
  const pages = useSellWindows();
  return (
    <Page title={words.title} actions={<CreateWindow />}>
      {pages.items.length > 0 && (
        <Panel title={words.calendar}>
          <Calendar windows={pages.items} />
        </Panel>
      )}
      <PagedTable<SellWindow>
        label={words.title}
        pages={pages}
        rowKey={(window) => window.sell_window_id}
        columns={useColumns()}
        empty={
          <Nothing title={words.empty.title} step={<CreateWindow />}>
            {words.empty.body}
          </Nothing>
        }
      />
    </Page>
  );
}

function useColumns(): TableColumnsType<SellWindow> {
  const words = useWords(WORDS);
  return [
    {
      title: words.window,
      key: "name",
      render: (_, { sell_window_id, name }) => <Link href={to.window(sell_window_id)}>{name}</Link>,
    },
    {
      title: words.state,
      key: "phase",
      render: (_, window) => {
        const phase = phaseOf(window);
        return <Dot tone={TONES[phase]}>{words.phase[phase]}</Dot>;
      },
    },
    {
      title: words.period,
      key: "period",
      render: (_, { start_at, end_at }) => (
        <>
          <When at={start_at} whole /> – <When at={end_at} whole />
        </>
      ),
      responsive: ["lg"],
    },
    {
      title: words.offers,
      key: "offers",
      render: (_, { offers, sell_window_id }) => (
        <div className="offer-lines">
          {offers.map(({ product_id, name, reserved_qty, threshold_qty, max_total_qty }) => (
            <Link key={product_id} href={to.window(sell_window_id)} className="offer-line">
              <span className="ellipsis">{name}</span>
              <Progress label={name} value={reserved_qty} threshold={threshold_qty} max={max_total_qty} />
              <span className="number muted">
                {reserved_qty}/{threshold_qty}
              </span>
            </Link>
          ))}
          {offers.length === 0 && <span className="muted">{words.offerCount(0)}</span>}
        </div>
      ),
    },
  ];
}
