import { useWords } from "@millrun/api";
import { useSearchParams } from "wouter";
import { useCart, type CartLine } from "../cart/cart";
import { useShownLines } from "../cart/lines";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { Rows } from "../parts/Skeleton";
import { Checkout } from "./Checkout";
import { useSettled } from "./useCheckout";
import { WORDS } from "./words";

/** Orders the cart. */
export function CartCheckout() {
  const { lines } = useCart();
  return <Ready lines={lines} />;
}

/** Reserves pieces of one variant in a sell window. */
export function ReserveCheckout({ windowId, productId }: { windowId: string; productId: string }) {
  const [search] = useSearchParams();
  const variantId = search.get("variant");
  const quantity = Number(search.get("quantity") ?? 1);
  const isRight = variantId !== null && Number.isInteger(quantity) && quantity >= 1 && quantity <= 99;
  return <Ready lines={isRight ? [{ productId, variantId, quantity }] : []} windowId={windowId} />;
}

function Ready({ lines, windowId }: { lines: readonly CartLine[]; windowId?: string }) {
  const words = useWords(WORDS);
  const { shown, isPending, failure, refetch } = useShownLines(lines);
  // An order whose response was lost before a reload: query its result first.
  const settling = useSettled();
  return (
    <div className="stack">
      <h1>{windowId ? words.reserveTitle : words.title}</h1>
      {settling && (
        <p className="notice" role="status">
          {words.settling}
        </p>
      )}
      {!settling && lines.length === 0 && (
        <Empty title={words.emptyTitle} text={words.emptyText} to="/" step={words.toShop} />
      )}
      {!settling && isPending && <Rows />}
      {!settling && !isPending && failure && <Failure failure={failure} retry={refetch} />}
      {!settling && !isPending && !failure && lines.length > 0 && <Checkout lines={shown} windowId={windowId} />}
    </div>
  );
}
