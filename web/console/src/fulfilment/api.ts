import { answered, ApiError, once, useShop, type Client } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { readOrders, type AdminOrder } from "../orders/api";
import type { TrackingRow } from "./tracking";

const PAGE = 100;
export const ORDERS_MAX = 500;
const SHIPMENTS_MAX = 100;

/** All orders that are ready to ship, up to the number that a page can show. */
export function useToShip() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["orders", "to-ship"],
    queryFn: async () => {
      const orders: AdminOrder[] = [];
      let cursor: string | undefined;
      do {
        const page = await readOrders(client, { status: "SHIPPING_SCHEDULED" }, cursor, PAGE);
        orders.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== undefined && orders.length < ORDERS_MAX);
      return { orders, isAll: cursor === undefined };
    },
  });
}

/** An order with its shipping address. */
export function readOrder(client: Client, order_id: string): Promise<AdminOrder> {
  return answered(client.GET("/api/v1/admin/orders/{order_id}", { params: { path: { order_id } } }));
}

export interface RowResult {
  line: number;
  order_no: string;
  order_id?: string;
  /** Why it was not shipped; absent where it was. */
  refusal?: ApiError;
}

/** Ships the orders of these rows, in groups, and returns the result of each. */
export async function shipRows(client: Client, rows: readonly TrackingRow[]): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (let at = 0; at < rows.length; at += SHIPMENTS_MAX) {
    results.push(...(await shipGroup(client, rows.slice(at, at + SHIPMENTS_MAX))));
  }
  return results;
}

async function shipGroup(client: Client, rows: readonly TrackingRow[]): Promise<RowResult[]> {
  const items = rows.map(({ order_no, carrier, tracking_no }) => ({ order_no, carrier, tracking_no }));
  const answer = await once("ship_orders", items, (key) =>
    answered(
      client.POST("/api/v1/admin/shipments", { params: { header: { "Idempotency-Key": key } }, body: { items } }),
    ),
  );
  return rows.map(({ line, order_no }, index) => {
    const { order_id, status, code = "unknown_answer", detail = "" } = answer.items[index] ?? {};
    return {
      line,
      order_no,
      ...(order_id !== undefined && { order_id }),
      ...(status === undefined && { refusal: new ApiError(code, 409, detail) }),
    };
  });
}
