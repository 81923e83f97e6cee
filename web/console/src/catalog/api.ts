import { answered, usePages, useShop, type Client, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { isOutOfReach } from "../kit/Refusal";

type Schemas = components["schemas"];

export type Variant = Schemas["VariantView"];
export type Product = Schemas["ProductView"];

/** Products in every status, or those on sale for a group that may not see the others. */
async function readProducts(client: Client, status: Schemas["ProductStatus"] | undefined, cursor: string | undefined) {
  try {
    return await answered(client.GET("/api/v1/admin/products", { params: { query: { status, cursor } } }));
  } catch (failure) {
    if (!isOutOfReach(failure)) throw failure;
    return answered(client.GET("/api/v1/products", { params: { query: { cursor } } }));
  }
}

export function useProducts(status?: string) {
  const { client } = useShop();
  return usePages(["products", status ?? ""], (cursor) =>
    readProducts(client, status as Schemas["ProductStatus"] | undefined, cursor),
  );
}

export type Adjustment = Schemas["AdjustmentView"];

export function useAdjustments(variantId: string) {
  const { client } = useShop();
  return usePages(["adjustments", variantId], (cursor) =>
    answered(
      client.GET("/api/v1/admin/variants/{variant_id}/adjustments", {
        params: { path: { variant_id: variantId }, query: { cursor } },
      }),
    ),
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
        const page: { items: Product[]; next_cursor?: string } = await readProducts(client, undefined, cursor);
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
