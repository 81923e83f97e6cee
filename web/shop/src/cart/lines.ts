import { ApiError } from "@millrun/api";
import type { Image } from "../parts/Picture";
import { imageOf } from "../catalogue/image";
import { useProductsOf, type Product, type Variant } from "../catalogue/reads";
import type { CartLine } from "./cart";

/** A line of the cart with current data of the catalogue. */
export interface ShownLine extends CartLine {
  product: Product | undefined;
  variant: Variant | undefined;
  image: Image | undefined;
  /** Whether the catalogue has responded. */
  known: boolean;
  subtotalCents: number;
}

/** The lines with prices of the catalogue, and whether all of them are known. */
export function useShownLines(lines: readonly CartLine[]) {
  const ids = [...new Set(lines.map(({ productId }) => productId))];
  const products = useProductsOf(ids);
  const shown = lines.map((line): ShownLine => {
    const query = products[ids.indexOf(line.productId)];
    const variant = query?.data?.variants.find(({ variant_id }) => variant_id === line.variantId);
    return {
      ...line,
      product: query?.data,
      variant: variant?.is_active ? variant : undefined,
      image: imageOf(query?.data),
      known: query !== undefined && !query.isPending,
      subtotalCents: (variant?.price_cents ?? 0) * line.quantity,
    };
  });
  return {
    shown,
    isPending: products.some((query) => query.isPending),
    /** The reason why the catalogue cannot be read; a removed product is no failure. */
    failure: products.map(({ error }) => error).find((error) => error instanceof ApiError && error.status !== 404),
    refetch: () => products.forEach((query) => void query.refetch()),
  };
}

/** Whether a line can be ordered from stock. */
export function isOrderable({ variant, quantity }: ShownLine): boolean {
  return variant !== undefined && variant.available_qty >= quantity;
}
