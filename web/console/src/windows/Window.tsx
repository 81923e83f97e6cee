import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { useSellWindow } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Page, Panel, Read } from "../kit/Page";
import { When } from "../kit/Show";
import { Dot } from "../kit/Status";
import { to } from "../kit/to";
import { phaseOf, type SellWindow } from "./api";
import { CloseWindow, EditWindow } from "./Commands";
import { Forecast } from "./Forecast";
import { OfferCard } from "./OfferCard";
import { ConfigureOffer } from "./OfferForm";
import { WORDS } from "./words";

export function Window({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const query = useSellWindow(params.id);
  const window = query.data;
  return (
    <Page
      title={window?.name ?? words.window}
      back={{ href: to.windows(), label: words.title }}
      beside={window && <Heading window={window} />}
      actions={
        window && (
          <>
            <ConfigureOffer window={window} />
            <EditWindow window={window} />
            {phaseOf(window) === "open" && <CloseWindow window={window} />}
          </>
        )
      }
    >
      <Read query={query}>{(found) => <Detail window={found} />}</Read>
    </Page>
  );
}

function Heading({ window }: { window: SellWindow }) {
  const words = useWords(WORDS);
  const phase = phaseOf(window);
  return (
    <>
      <Dot tone={phase === "open" ? "good" : "quiet"}>{words.phase[phase]}</Dot>
      <span>
        <When at={window.start_at} whole /> – <When at={window.end_at} whole />
      </span>
      <Link href={to.orders({ sell_window_id: window.sell_window_id })}>{words.orders}</Link>
    </>
  );
}

function Detail({ window }: { window: SellWindow }) {
  const words = useWords(WORDS);
  if (window.offers.length === 0) {
    return (
      <Panel>
        <Nothing title={words.noOffers.title} step={<ConfigureOffer window={window} />}>
          {words.noOffers.body}
        </Nothing>
      </Panel>
    );
  }
  return (
    <>
      {phaseOf(window) === "open" && <Forecast window={window} />}
      {window.offers.map((offer) => (
        <OfferCard key={offer.product_id} window={window} offer={offer} />
      ))}
    </>
  );
}
