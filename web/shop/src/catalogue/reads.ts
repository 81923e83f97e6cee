import { answered, usePages, useShop, type components } from "@millrun/api";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { Filters } from "./Filters";

export type Product = components["schemas"]["ProductView"];
export type Variant = components["schemas"]["VariantView"];
export type SellWindow = components["schemas"]["SellWindowView"];
export type Offer = components["schemas"]["OfferView"];

const PAGE_SIZE = 24;

export function useProducts(filters: Filters = {}) {
  const { client } = useShop();
  return usePages(["products", filters], (cursor) =>
    answered(client.GET("/api/v1/products", { params: { query: { ...filters, cursor, limit: PAGE_SIZE } } })),
  );
}

/** The categories of the catalogue's first products, by name. */
export function useCategories(): string[] {
  const found = useProducts().items.flatMap(({ category }) => category ?? []);
  return [...new Set(found)].sort();
}

export function useProduct(id: string) {
  return useQuery(useProductQuery()(id));
}

/** Several products, in the given order. */
export function useProductsOf(ids: readonly string[]) {
  const query = useProductQuery();
  return useQueries({ queries: ids.map(query) });
}

function useProductQuery() {
  const { client } = useShop();
  return (id: string) => ({
    queryKey: ["product", id],
    queryFn: () => answered(client.GET("/api/v1/products/{product_id}", { params: { path: { product_id: id } } })),
  });
}

export function useBestSellers() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["best-sellers"],
    queryFn: () => answered(client.GET("/api/v1/products/best-sellers")),
    staleTime: 60_000,
  });
}

/** Open and future windows, with their offers. */
export function useSellWindows() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["sell-windows"],
    queryFn: () => answered(client.GET("/api/v1/sell-windows", { params: { query: { limit: 20 } } })),
    refetchInterval: 30_000,
  });
}

export function useSellWindow(id: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["sell-window", id],
    queryFn: () =>
      answered(client.GET("/api/v1/sell-windows/{sell_window_id}", { params: { path: { sell_window_id: id } } })),
    refetchInterval: 10_000,
  });
}

/** The variants that can be ordered, cheapest first. */
export function onSale(product: Product): Variant[] {
  return product.variants.filter(({ is_active }) => is_active).sort((a, b) => a.price_cents - b.price_cents);
}

export function isInStock(product: Product): boolean {
  return onSale(product).some(({ available_qty }) => available_qty > 0);
}
