import { ApiError, format, useProblemWords, useShop, useWords, type Code } from "@millrun/api";
import { Link } from "wouter";
import { useQuote } from "../checkout/useQuote";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { Picture } from "../parts/Picture";
import { Quantity } from "../parts/Quantity";
import { Rows } from "../parts/Skeleton";
import { QUANTITY_MAX, setQuantity, useCart } from "./cart";
import { isOrderable, useShownLines, type ShownLine } from "./lines";
import { WORDS } from "./words";

export function CartPage() {
  const words = useWords(WORDS);
  const { lines } = useCart();
  return (
    <div className="stack">
      <h1>{words.title}</h1>
      {lines.length === 0 ? (
        <Empty title={words.empty} text={words.emptyText} to="/" step={words.toShop} />
      ) : (
        <Filled />
      )}
    </div>
  );
}

function Filled() {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { lines } = useCart();
  const { shown, isPending, failure, refetch } = useShownLines(lines);
  const quote = useQuote({ lines: lines.map(({ variantId, quantity }) => ({ variant_id: variantId, quantity })) }).data;
  if (isPending) return <Rows count={shown.length} />;
  if (failure) return <Failure failure={failure} retry={refetch} />;
  const total = quote?.items_total_cents ?? shown.reduce((sum, { subtotalCents }) => sum + subtotalCents, 0);
  const refused = (id: string) => quote?.lines.find(({ variant_id }) => variant_id === id)?.code;
  // Refusals of the whole order, such as those of its delivery, are shown at checkout.
  const ready = shown.every((line) => isOrderable(line) && refused(line.variantId) === undefined);
  return (
    <div className="split side">
      <ul className="lines">
        {shown.map((line) => (
          <Row key={line.variantId} line={line} refused={refused(line.variantId)} />
        ))}
      </ul>
      <div className="card panel stack sticky">
        <dl className="sums">
          <dt>{words.items}</dt>
          <dd className="price">{format.money(total, config.currency)}</dd>
        </dl>
        {ready ? (
          <Link className="button wide" href="/checkout">
            {words.checkout}
          </Link>
        ) : (
          <button type="button" className="button wide" disabled>
            {words.checkout}
          </button>
        )}
        <p className="small muted">{words.later}</p>
      </div>
    </div>
  );
}

function Row({ line, refused }: { line: ShownLine; refused: Code | undefined }) {
  const words = useWords(WORDS);
  const say = useProblemWords();
  const { product, variant, quantity } = line;
  const name = product?.name ?? "…";
  const most = Math.min(QUANTITY_MAX, Math.max(variant?.available_qty ?? 1, 1));
  return (
    <li>
      <Picture id={line.productId} name={name} image={line.image} thumb />
      <div className="grow">
        <h2>{product ? <Link href={`/products/${product.product_id}`}>{name}</Link> : name}</h2>
        {variant && (
          <p className="small muted">
            {variant.variant_name} · {format.money(variant.price_cents, variant.currency)}
          </p>
        )}
        {isOrderable(line) ? (
          refused && <p className="wrong">{say(new ApiError(refused, 409))}</p>
        ) : (
          <p className="wrong">{variant ? words.onlyLeft(variant.available_qty) : words.gone}</p>
        )}
      </div>
      <div className="end row">
        {variant && (
          <Quantity
            value={quantity}
            max={most}
            name={name}
            change={(value) => setQuantity(line.variantId, Math.min(value, most))}
          />
        )}
        <button
          type="button"
          className="link small"
          aria-label={words.remove(name)}
          onClick={() => setQuantity(line.variantId, 0)}
        >
          {words.removeShort}
        </button>
      </div>
    </li>
  );
}
