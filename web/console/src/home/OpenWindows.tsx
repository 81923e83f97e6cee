import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { Read } from "../kit/Page";
import { Progress } from "../kit/Progress";
import { When } from "../kit/Show";
import { to } from "../kit/to";
import { phaseOf, useSellWindows } from "../windows/api";
import { WORDS } from "./words";

const SHOWN_MAX = 8;

/** Open offers, those that close first at the top. */
export function OpenWindows() {
  const words = useWords(WORDS);
  const pages = useSellWindows();
  return (
    <Read query={{ ...pages, data: pages.data && pages.items }}>
      {(windows) => {
        const offers = windows
          .filter((window) => phaseOf(window) === "open")
          .flatMap((window) => window.offers.filter(({ enabled }) => enabled))
          .sort((a, b) => a.closes_at.localeCompare(b.closes_at))
          .slice(0, SHOWN_MAX);
        if (offers.length === 0) return <p className="muted">{words.noWindows}</p>;
        return (
          <ul className="window-rows">
            {offers.map((offer) => (
              <li key={`${offer.sell_window_id} ${offer.product_id}`}>
                <Link href={to.window(offer.sell_window_id)} className="ellipsis">
                  {offer.name}
                </Link>
                <Progress
                  label={offer.name}
                  value={offer.reserved_qty}
                  threshold={offer.threshold_qty}
                  max={offer.max_total_qty}
                />
                <span className="number">
                  {offer.reserved_qty}/{offer.threshold_qty}
                </span>
                <span className="muted">
                  <When at={offer.closes_at} />
                </span>
              </li>
            ))}
          </ul>
        );
      }}
    </Read>
  );
}
