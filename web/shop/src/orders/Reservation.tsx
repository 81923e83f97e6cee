import { format, useLanguage, useWords } from "@millrun/api";
import { Link } from "wouter";
import { useSellWindow } from "../catalogue/reads";
import { Meter } from "../parts/Meter";
import { WORDS as WINDOW } from "../windows/words";
import type { Order } from "./reads";
import { WORDS } from "./words";

/** The progress of the batch that this order waits for. */
export function Reservation({ order }: { order: Order }) {
  const productId = order.lines[0]?.product_id ?? "";
  return order.sell_window_id ? <Gathering windowId={order.sell_window_id} productId={productId} /> : null;
}

function Gathering({ windowId, productId }: { windowId: string; productId: string }) {
  const words = useWords(WORDS);
  const window = useWords(WINDOW);
  const { language } = useLanguage();
  const found = useSellWindow(windowId);
  const offer = found.data?.offers.find(({ product_id }) => product_id === productId);
  if (!offer) return null;
  const number = (value: number) => format.number(value, language);
  const text = words.reachedBy(window.progress(number(offer.reserved_qty), number(offer.threshold_qty)));
  return (
    <div className="stack tight">
      <p>
        <Link href={`/windows/${windowId}/${productId}`}>{text}</Link>
      </p>
      <Meter value={offer.reserved_qty} max={offer.threshold_qty} label={text} />
    </div>
  );
}
