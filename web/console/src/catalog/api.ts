import { answered, usePages, useShop, type Client, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { read } from "../kit/coming";
import { isAbsent } from "../kit/Refusal";

type Schemas = components["schemas"];

export interface Image {
  image_id?: string;
  url: string;
  alt?: string;
  width?: number;
  height?: number;
}

export type Variant = Schemas["VariantView"] & { low_stock_qty?: number };

export type Product = Omit<Schemas["ProductView"], "variants"> & {
  variants: Variant[];
  category?: string;
  tags?: string[];
  images?: Image[];
};

interface ProductPage {
  items: Product[];
  next_cursor?: string;
}

/** Products in every status, or those on sale where the shop lacks the route. */
async function readProducts(client: Client, status: string | undefined, cursor: string | undefined) {
  try {
    return await read<ProductPage>(client, "/admin/products", { status, cursor });
  } catch (failure) {
    if (!isAbsent(failure)) throw failure;
    return answered(client.GET("/api/v1/products", { params: { query: { cursor } } })) as Promise<ProductPage>;
  }
}

export function useProducts(status?: string) {
  const { client } = useShop();
  return usePages(["products", status ?? ""], (cursor) => readProducts(client, status, cursor));
}

export interface Adjustment {
  delta: number;
  reason: string;
  by: string;
  at: string;
  available_qty_after?: number;
}

export function useAdjustments(variantId: string) {
  const { client } = useShop();
  return usePages(["adjustments", variantId], (cursor) =>
    read<{ items: Adjustment[]; next_cursor?: string }>(client, `/admin/variants/${variantId}/adjustments`, { cursor }),
  );
}

/** All products, for a select in a form. */
export function useProductNames() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["products", "names"],
    queryFn: async () => {
      const names: Record<string, string> = {};
      let cursor: string | undefined;
      do {
        const page: ProductPage = await readProducts(client, undefined, cursor);
        for (const { product_id, name } of page.items) names[product_id] = name;
        cursor = page.next_cursor;
      } while (cursor !== undefined && Object.keys(names).length < NAMES_MAX);
      return names;
    },
  });
}

const NAMES_MAX = 500;

export function isLow({ low_stock_qty, available_qty, is_active }: Variant): boolean {
  return is_active && low_stock_qty !== undefined && available_qty <= low_stock_qty;
}
