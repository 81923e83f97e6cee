import { answered, ApiError, once, useShop, type Client } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { send } from "../kit/coming";
import { isAbsent } from "../kit/Refusal";
import { readOrders, type AdminOrder } from "../orders/api";
import { plain, type TrackingRow } from "./tracking";

const PAGE = 100;
export const ORDERS_MAX = 500;
const SHIPMENTS_MAX = 100;

/** All orders that wait for shipping, up to a number that a page can show. */
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

/** One order with the address it goes to. */
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

interface Answer {
  items: { order_id?: string; order_no?: string; status?: string; code?: ApiError["code"]; detail?: string }[];
}

/** Ships the orders of these rows, in groups, and tells for each what came of it. */
export async function shipRows(client: Client, rows: readonly TrackingRow[]): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (let at = 0; at < rows.length; at += SHIPMENTS_MAX) {
    results.push(...(await shipGroup(client, rows.slice(at, at + SHIPMENTS_MAX))));
  }
  return results;
}

async function shipGroup(client: Client, rows: readonly TrackingRow[]): Promise<RowResult[]> {
  const items = rows.map(({ order_no, carrier, tracking_no }) => ({ order_no, carrier, tracking_no }));
  try {
    const answer = await once("ship_orders", items, (key) =>
      send<Answer>(client, "POST", "/admin/shipments", key, { items }),
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
  } catch (failure) {
    if (!isAbsent(failure)) throw failure;
    return shipOneByOne(client, rows);
  }
}

/** Where the shop takes one shipment at a time. */
async function shipOneByOne(client: Client, rows: readonly TrackingRow[]): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (const row of rows) results.push(await shipOne(client, row));
  return results;
}

async function shipOne(client: Client, { line, order_no, carrier, tracking_no }: TrackingRow): Promise<RowResult> {
  try {
    const found = await readOrders(client, { order_no });
    const order = found.items.find((item) => plain(item.order_no) === plain(order_no));
    if (!order) return { line, order_no, refusal: new ApiError("order_not_found", 404) };
    const { order_id } = order;
    const body = { carrier, tracking_no };
    await once(`ship_order:${order_id}`, body, (key) =>
      answered(
        client.POST("/api/v1/admin/orders/{order_id}/ship", {
          params: { path: { order_id }, header: { "Idempotency-Key": key } },
          body,
        }),
      ),
    );
    return { line, order_no, order_id };
  } catch (failure) {
    if (failure instanceof ApiError && !failure.isUndecided) return { line, order_no, refusal: failure };
    throw failure;
  }
}
