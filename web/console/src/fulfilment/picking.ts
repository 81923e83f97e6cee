import type { AdminOrder } from "../orders/api";

export interface ToPick {
  variant_id: string;
  product_id: string;
  name: string;
  quantity: number;
  orders: number;
}

/** The picking list of these orders, by product. */
export function toPick(orders: readonly Pick<AdminOrder, "lines">[]): ToPick[] {
  const rows = new Map<string, ToPick>();
  for (const { lines } of orders) {
    for (const { variant_id, product_id, name, quantity } of lines) {
      const row = rows.get(variant_id) ?? { variant_id, product_id, name, quantity: 0, orders: 0 };
      rows.set(variant_id, { ...row, quantity: row.quantity + quantity, orders: row.orders + 1 });
    }
  }
  return [...rows.values()].sort((a, b) => a.name.localeCompare(b.name) || a.variant_id.localeCompare(b.variant_id));
}
