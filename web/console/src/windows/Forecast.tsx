import { useWords } from "@millrun/api";
import { ProductLink } from "../kit/names";
import { Panel } from "../kit/Page";
import { useFormat } from "../kit/Show";
import { Dot } from "../kit/Status";
import { useForecast, type SellWindow } from "./api";
import { WORDS } from "./words";

const TONES = { CONFIRMABLE: "good", EXTENDED: "waits", CANCELED: "bad" } as const;

/** The result of the window's rules if it ended now. */
export function Forecast({ window }: { window: SellWindow }) {
  const words = useWords(WORDS).forecast;
  const { money, time } = useFormat();
  const { data } = useForecast(window.sell_window_id, true);
  if (!data) return null;
  return (
    <Panel title={words.title} extra={<span className="muted">{words.body}</span>}>
      <ul className="rows">
        {data.offers.map((offer) => (
          <li key={offer.product_id}>
            <ProductLink id={offer.product_id} name={offer.name} />
            <Dot tone={TONES[offer.outcome]}>
              {words.outcome[offer.outcome] +
                (offer.extended_until ? ` ${words.until(time(offer.extended_until))}` : "")}
            </Dot>
            <span className="number">{words.orders(offer.orders, offer.reserved_qty, money(offer.amount_cents))}</span>
            {offer.missing_qty > 0 && <span className="muted">{words.missing(offer.missing_qty)}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
