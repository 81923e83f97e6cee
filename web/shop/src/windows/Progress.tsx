import { format, useLanguage, useWords } from "@millrun/api";
import type { Offer, SellWindow } from "../catalogue/reads";
import { Countdown } from "../parts/Countdown";
import { Meter } from "../parts/Meter";
import { placesLeft, type OfferState } from "./offer";
import { WORDS } from "./words";

/** The progress of the batch, the end of its window, and the remaining places. */
export function Progress({ window, offer, state }: { window: SellWindow; offer: Offer; state: OfferState }) {
  const words = useWords(WORDS);
  const { language } = useLanguage();
  const number = (value: number) => format.number(value, language);
  const left = placesLeft(offer);
  const reached = offer.reserved_qty >= offer.threshold_qty;
  const ends = offer.closes_at;
  const text = words.progress(number(offer.reserved_qty), number(offer.threshold_qty));
  return (
    <div className="stack">
      <div className="stack tight">
        <div className="row apart">
          <p>
            <strong>{text}</strong>
          </p>
          <p className="muted">{Math.floor((100 * offer.reserved_qty) / offer.threshold_qty)} %</p>
        </div>
        <Meter value={offer.reserved_qty} max={offer.threshold_qty} label={text} />
      </div>
      <p>{reached ? `${words.reached} ${words.nothingBefore}` : words.madeWhen(number(offer.threshold_qty))}</p>
      {state === "soon" && <p>{words.opensAt(format.dateTime(window.start_at, language, window.timezone))}</p>}
      {state === "over" && <p className="notice">{words.over}</p>}
      {state === "full" && <p className="notice warn">{words.full}</p>}
      {(state === "open" || state === "full") && (
        <div>
          <p>
            {words.closesIn}{" "}
            <strong>
              <Countdown until={ends} />
            </strong>
            {state === "open" && left !== undefined && <> · {words.left(number(left))}</>}
          </p>
          <p className="small muted">
            {words.closesAt(format.dateTime(ends, language, window.timezone), window.timezone.replace("_", " "))}
          </p>
        </div>
      )}
    </div>
  );
}
