import { format, useLanguage, useWords } from "@millrun/api";
import { Link } from "wouter";
import { imageOf } from "../catalogue/image";
import { useProduct, useSellWindows, type Offer, type SellWindow } from "../catalogue/reads";
import { useNow } from "../parts/clock";
import { Countdown } from "../parts/Countdown";
import { Failure } from "../parts/Failure";
import { Meter } from "../parts/Meter";
import { Picture } from "../parts/Picture";
import { Line, Loading } from "../parts/Skeleton";
import { openOffers } from "./offer";
import { WORDS } from "./words";

/** Offers that can be reserved now or soon; not shown while there are none. */
export function OpenOffers() {
  const words = useWords(WORDS);
  const windows = useSellWindows();
  const now = useNow(30_000);
  if (windows.isError && !windows.data) return <Failure failure={windows.error} retry={() => void windows.refetch()} />;
  const offers = openOffers(windows.data?.items ?? [], now);
  if (windows.data && offers.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="open">
      <div>
        <h2 id="open">{words.open}</h2>
        <p className="muted">{words.openLead}</p>
      </div>
      {windows.data ? (
        <ul className="grid large enter">
          {offers.map(({ window, offer }) => (
            <OfferCard key={window.sell_window_id + offer.product_id} window={window} offer={offer} />
          ))}
        </ul>
      ) : (
        <Loading>
          <ul className="grid large" aria-hidden="true">
            <li className="product">
              <div className="picture skeleton" />
              <Line width="70%" />
              <Line height={10} />
              <Line width="50%" height={14} />
            </li>
          </ul>
        </Loading>
      )}
    </section>
  );
}

function OfferCard({ window, offer }: { window: SellWindow; offer: Offer }) {
  const words = useWords(WORDS);
  const { language } = useLanguage();
  const product = useProduct(offer.product_id);
  const number = (value: number) => format.number(value, language);
  const progress = words.progress(number(offer.reserved_qty), number(offer.threshold_qty));
  return (
    <li className="product">
      <Picture id={offer.product_id} name={offer.name} image={imageOf(offer) ?? imageOf(product.data)} eager />
      <h3>
        <Link href={`/windows/${window.sell_window_id}/${offer.product_id}`}>{offer.name}</Link>
      </h3>
      <Meter value={offer.reserved_qty} max={offer.threshold_qty} label={progress} />
      <div className="row apart small muted">
        <span>{progress}</span>
        <span>
          {words.closesIn} <Countdown until={offer.closes_at} />
        </span>
      </div>
    </li>
  );
}
