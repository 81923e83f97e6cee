import { answered, usePages, useShop, type components } from "@millrun/api";

type Schemas = components["schemas"];
export type Method = Schemas["ShippingMethodView"];
export type Kind = Schemas["ShippingKind"];

export const CODE = /^[A-Za-z0-9_-]{1,32}$/;

/** The fields of a method, as they are entered. */
export interface MethodFields {
  code: string;
  name: string;
  kind: Kind;
  fee_cents: number;
  free_from_cents?: number | null;
  island_surcharge_cents?: number | null;
  enabled: boolean;
  sort: number;
}

/** The request for the entered fields. Goods that are picked up at the shop have no fee. */
export function bodyOf(fields: MethodFields): Schemas["SetShippingMethod"] {
  const { name, kind, fee_cents, free_from_cents, island_surcharge_cents, enabled, sort } = fields;
  const shared = { name: name.trim(), kind, enabled, sort };
  if (kind === "PICKUP") return { ...shared, fee_cents: 0 };
  return {
    ...shared,
    fee_cents,
    ...(free_from_cents != null && { free_from_cents }),
    island_surcharge_cents: island_surcharge_cents ?? 0,
  };
}

/** All shipping methods, also those that customers cannot choose, in the order in which customers see them. */
export function useMethods() {
  const { client } = useShop();
  return usePages(["shipping-methods"], (cursor) =>
    answered(client.GET("/api/v1/admin/shipping-methods", { params: { query: { limit: 100, cursor } } })),
  );
}
