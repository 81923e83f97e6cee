import { format, useWords } from "@millrun/api";
import { Link } from "wouter";
import { useNow } from "../parts/clock";
import { Picture } from "../parts/Picture";
import { openOffers } from "../windows/offer";
import { imageOf } from "./image";
import { onSale, useSellWindows, type Product } from "./reads";
import { WORDS } from "./words";

const FEW = 5;

export function ProductCard({ product, rank, eager }: { product: Product; rank?: number | undefined; eager: boolean }) {
  const words = useWords(WORDS);
  const variants = onSale(product);
  const cheapest = variants[0];
  const left = variants.reduce((sum, { available_qty }) => sum + available_qty, 0);
  const isOffered = useIsOffered(product.product_id);
  return (
    <li className="product">
      {rank !== undefined && <p className="rank">{words.rank(rank)}</p>}
      <Picture id={product.product_id} name={product.name} image={imageOf(product)} eager={eager} />
      <h3>
        <Link href={`/products/${product.product_id}`}>{product.name}</Link>
      </h3>
      <p className="small muted">
        {cheapest && left > 0 ? (
          <Price variants={variants.length} cents={cheapest.price_cents} currency={cheapest.currency} />
        ) : isOffered ? (
          words.reservable
        ) : (
          words.soldOut
        )}
        {left > 0 && left <= FEW && <span className="warn"> · {words.left(left)}</span>}
      </p>
    </li>
  );
}

/** Whether a product can be reserved in a sell window, now or soon. */
function useIsOffered(id: string): boolean {
  const windows = useSellWindows();
  return openOffers(windows.data?.items ?? [], useNow(30_000)).some(({ offer }) => offer.product_id === id);
}

function Price({ variants, cents, currency }: { variants: number; cents: number; currency: string }) {
  const words = useWords(WORDS);
  const price = format.money(cents, currency);
  return <>{variants > 1 ? words.from(price) : price}</>;
}
