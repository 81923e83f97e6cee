import { useWords } from "@millrun/api";
import { useNow } from "../parts/clock";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { More } from "../parts/More";
import { Line, Loading } from "../parts/Skeleton";
import { openOffers } from "../windows/offer";
import { OpenOffers } from "../windows/OpenOffers";
import { FilterBar, useFilters, type Filters } from "./Filters";
import { ProductCard } from "./ProductCard";
import { isInStock, useBestSellers, useProducts, useSellWindows, type Product } from "./reads";
import { WORDS } from "./words";

const BEST_MAX = 3;
const ABOVE_FOLD = 4;

export function Catalogue() {
  const words = useWords(WORDS);
  const filters = useFilters();
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <div className="stack loose">
      <div className="stack">
        <h1>{words.title}</h1>
        <p className="lead">{words.lead}</p>
      </div>
      {!isFiltered && <OpenOffers />}
      <section className="stack" aria-labelledby="products">
        <h2 id="products">{words.products}</h2>
        <FilterBar filters={filters} />
        {isFiltered ? <Found filters={filters} /> : <Products />}
      </section>
    </div>
  );
}

function Products() {
  const words = useWords(WORDS);
  const products = useProducts();
  const best = useBestSellers();
  const windows = useSellWindows();
  const now = useNow(30_000);
  // Shown all at once, so that the layout does not shift.
  if (products.isPending || best.isPending || windows.isPending) return <Shelf />;
  if (products.isError && products.items.length === 0) {
    return <Failure failure={products.error} retry={() => void products.refetch()} />;
  }
  if (products.items.length === 0) return <Empty title={words.noProducts} text={words.noProductsText} />;
  const ranks = new Map((best.data?.items ?? []).slice(0, BEST_MAX).map(({ product_id, rank }) => [product_id, rank]));
  const order = (id: string) => ranks.get(id) ?? BEST_MAX + 1;
  const inWindows = new Set(openOffers(windows.data?.items ?? [], now).map(({ offer }) => offer.product_id));
  // A product that is offered in a window and not in stock is listed above, with its window.
  const ready = products.items.filter((product) => isInStock(product) || !inWindows.has(product.product_id));
  const sorted = ready.sort((a, b) => order(a.product_id) - order(b.product_id));
  return (
    <>
      <Grid products={sorted} rankOf={(id) => ranks.get(id)} />
      <More pages={products} />
    </>
  );
}

/** The products that fit, in the order that was asked for. */
function Found({ filters }: { filters: Filters }) {
  const words = useWords(WORDS);
  const products = useProducts(filters);
  if (products.isPending) return <Shelf />;
  if (products.isError && products.items.length === 0) {
    return <Failure failure={products.error} retry={() => void products.refetch()} />;
  }
  if (products.items.length === 0 && !products.hasNextPage) {
    return <Empty title={words.noneFound} text={words.noneFoundText} to="/" step={words.seeAll} />;
  }
  return (
    <>
      <Grid products={products.items} />
      <More pages={products} />
    </>
  );
}

interface GridProps {
  products: readonly Product[];
  rankOf?: (productId: string) => number | undefined;
}

function Grid({ products, rankOf }: GridProps) {
  return (
    <ul className="grid enter">
      {products.map((product, index) => (
        <ProductCard
          key={product.product_id}
          product={product}
          rank={rankOf?.(product.product_id)}
          eager={index < ABOVE_FOLD}
        />
      ))}
    </ul>
  );
}

/** Placeholders for four cards. */
function Shelf() {
  return (
    <Loading>
      <ul className="grid" aria-hidden="true">
        {[0, 1, 2, 3].map((index) => (
          <li key={index} className="product">
            <div className="picture skeleton" />
            <Line width="70%" />
            <Line width="40%" height={14} />
          </li>
        ))}
      </ul>
    </Loading>
  );
}
