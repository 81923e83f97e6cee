import { format, useWords } from "@millrun/api";
import { useState } from "react";
import { Link } from "wouter";
import { add, QUANTITY_MAX } from "../cart/cart";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { Quantity } from "../parts/Quantity";
import { Line, Loading } from "../parts/Skeleton";
import { Gallery } from "./Gallery";
import { onSale, useProduct, useSellWindows, type Product } from "./reads";
import { VariantChoice } from "./VariantChoice";
import { WORDS } from "./words";

const FEW = 5;

export function ProductPage({ id }: { id: string }) {
  const words = useWords(WORDS);
  const product = useProduct(id);
  return (
    <div className="stack">
      <p>
        <Link className="link" href="/">
          ‹ {words.back}
        </Link>
      </p>
      {product.isPending && <Sheet />}
      {product.isError && <Failure failure={product.error} retry={() => void product.refetch()} />}
      {product.data && <Detail product={product.data} />}
    </div>
  );
}

function Detail({ product }: { product: Product }) {
  return (
    <article className="split">
      <Gallery product={product} />
      <div className="stack">
        <h1>{product.name}</h1>
        <Order product={product} />
        <p className="text">{product.description}</p>
        <Window productId={product.product_id} />
      </div>
    </article>
  );
}

function Order({ product }: { product: Product }) {
  const words = useWords(WORDS);
  const variants = onSale(product);
  const [wanted, want] = useState<string>();
  const [quantity, setQuantity] = useState(1);
  const [added, setAdded] = useState<boolean>();
  const chosen =
    variants.find(({ variant_id }) => variant_id === wanted) ?? variants.find(({ available_qty }) => available_qty > 0);
  if (variants.length === 0) return <p className="muted">{words.unavailable}</p>;
  const shown = chosen ?? variants[0];
  const most = Math.min(QUANTITY_MAX, chosen?.available_qty ?? 0);
  return (
    <>
      {shown && <p className="price">{format.money(shown.price_cents, shown.currency)}</p>}
      <VariantChoice
        variants={variants}
        chosen={chosen?.variant_id}
        legend={words.choose}
        refused={({ available_qty }) => (available_qty > 0 ? undefined : words.soldOut)}
        choose={(id) => {
          want(id);
          setQuantity(1);
          setAdded(undefined);
        }}
      />
      {chosen ? (
        <>
          <div className="row">
            <Quantity value={Math.min(quantity, most)} max={most} change={setQuantity} />
            {most <= FEW && <p className="small warn">{words.left(most)}</p>}
          </div>
          <Button
            onClick={() => {
              const { variant_id: variantId } = chosen;
              setAdded(add({ productId: product.product_id, variantId, quantity: Math.min(quantity, most) }));
            }}
          >
            {words.addToCart}
          </Button>
          <div role="status">{added !== undefined && <Added fits={added} />}</div>
        </>
      ) : (
        <p className="muted">{words.soldOut}</p>
      )}
    </>
  );
}

function Added({ fits }: { fits: boolean }) {
  const words = useWords(WORDS);
  return (
    <div className={`notice ${fits ? "good" : "warn"} enter`}>
      <p>{fits ? words.added : words.cartFull}</p>
      <Link className="link" href="/cart">
        {words.toCart}
      </Link>
    </div>
  );
}

/** The product may be offered in a sell window, too. */
function Window({ productId }: { productId: string }) {
  const words = useWords(WORDS);
  const windows = useSellWindows();
  const open = windows.data?.items.find(({ offers }) =>
    offers.some((offer) => offer.product_id === productId && offer.enabled),
  );
  if (!open) return null;
  return (
    <div className="notice">
      <h2>{words.inWindow}</h2>
      <p>{words.inWindowText(open.name)}</p>
      <Link className="link" href={`/windows/${open.sell_window_id}/${productId}`}>
        {words.toWindow}
      </Link>
    </div>
  );
}

function Sheet() {
  return (
    <Loading>
      <div className="split" aria-hidden="true">
        <div className="picture skeleton" />
        <div className="stack">
          <Line width="70%" height={36} />
          <Line width="30%" height={24} />
          <Line height={48} />
          <Line width="90%" />
        </div>
      </div>
    </Loading>
  );
}
