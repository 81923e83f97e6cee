import { useWords } from "@millrun/api";
import { lazy, Suspense } from "react";
import { Refusal } from "../kit/Refusal";
import { Page, Panel } from "../kit/Page";
import { useSummary } from "./api";
import { BestSellers } from "./BestSellers";
import { OpenWindows } from "./OpenWindows";
import { Todo } from "./Todo";
import { WORDS } from "./words";

const Days = lazy(async () => ({ default: (await import("./Days")).Days }));

export function Home() {
  const words = useWords(WORDS);
  const { data: summary, error, refetch } = useSummary();
  return (
    <Page title={words.title}>
      {error !== null && !summary && <Refusal failure={error} retry={() => void refetch()} />}
      <div className="columns even">
        <div>
          <Todo summary={summary} />
          <Panel title={words.windows}>
            <OpenWindows />
          </Panel>
        </div>
        <div>
          <Panel title={words.last30}>
            <Suspense fallback={<div className="chart-space" />}>{summary && <Days summary={summary} />}</Suspense>
          </Panel>
          <BestSellers />
        </div>
      </div>
    </Page>
  );
}
