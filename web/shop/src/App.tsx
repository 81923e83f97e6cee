import { answered, format, usePages, useProblemWords, useShop } from "@millrun/api";

export function App() {
  const { config, client } = useShop();
  const words = useProblemWords();
  const products = usePages(["products"], (cursor) =>
    answered(client.GET("/api/v1/products", { params: { query: { cursor } } })),
  );
  return (
    <main>
      <title>{config.shopName}</title>
      <h1>{config.shopName}</h1>
      {products.isError && <p role="alert">{words(products.error)}</p>}
      <ul>
        {products.items.map((product) => (
          <li key={product.product_id}>
            {product.name} {format.money(Math.min(...product.variants.map((v) => v.price_cents)), config.currency)}
          </li>
        ))}
      </ul>
    </main>
  );
}
