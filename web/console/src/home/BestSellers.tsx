import { useWords } from "@millrun/api";
import { ProductLink } from "../kit/names";
import { Panel, Read } from "../kit/Page";
import { Day, Money, When } from "../kit/Show";
import { useBestSellers } from "./api";
import { WORDS } from "./words";

export function BestSellers() {
  const words = useWords(WORDS);
  const query = useBestSellers();
  return (
    <Panel
      title={words.bestSellers}
      extra={
        query.data && (
          <span className="muted">
            <Day of={query.data.from} /> – <Day of={query.data.to} />, {words.asOf} <When at={query.data.as_of} />
          </span>
        )
      }
    >
      <Read query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{words.noSales}</p>
          ) : (
            <ol className="rows">
              {items.map(({ product_id, rank, name, price_cents, currency, sold_qty }) => (
                <li key={product_id}>
                  <span className="muted number">{rank}</span>
                  <ProductLink id={product_id} name={name} />
                  <Money cents={price_cents} currency={currency} />
                  <span className="number push">{words.sold(sold_qty)}</span>
                </li>
              ))}
            </ol>
          )
        }
      </Read>
    </Panel>
  );
}
