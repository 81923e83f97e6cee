import { answered, usePages, useShop, type Client, type components, type operations } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

type Schemas = components["schemas"];

export type Contact = Schemas["ContactView"];
export type PaymentAttempt = Schemas["AttemptView"];

/** The staff's view of an order. Lists omit the customer, the contact, the payment attempts and the messages. */
export type AdminOrder = Schemas["OrderView"] &
  Partial<Schemas["AdminOrderView"]> & {
    shipping?: { method_code: string; name: string; kind: string; fee_cents: number };
  };

export const FILTERS = [
  "status",
  "kind",
  "order_no",
  "order_id",
  "customer_id",
  "phone",
  "email",
  "product_id",
  "sell_window_id",
  "created_from",
  "created_to",
] as const satisfies readonly (keyof OrderQuery)[];

type OrderQuery = NonNullable<operations["search_orders"]["parameters"]["query"]>;
export type OrderFilters = Partial<Record<(typeof FILTERS)[number], string>>;

export function readOrders(client: Client, filters: OrderFilters, cursor?: string, limit?: number) {
  const query = { ...filters, cursor, limit } as OrderQuery;
  return answered(client.GET("/api/v1/admin/orders", { params: { query } }));
}

export function useOrders(filters: OrderFilters, enabled = true) {
  const { client } = useShop();
  return usePages(["orders", filters], (cursor) => readOrders(client, filters, cursor), enabled);
}

export function useOrder(orderId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["order", orderId],
    queryFn: async (): Promise<AdminOrder> =>
      answered(client.GET("/api/v1/admin/orders/{order_id}", { params: { path: { order_id: orderId } } })),
    // Poll while the order may change without a command.
    refetchInterval: ({ state }) => (state.data && isMoving(state.data.status) ? 5_000 : false),
  });
}

function isMoving(status: Schemas["OrderStatus"]): boolean {
  return ["CREATED", "RESERVED", "PENDING_PAYMENT", "PAID"].includes(status);
}

export function piecesOf(order: Pick<AdminOrder, "lines">): number {
  return order.lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** The amount paid and not refunded. */
export function refundableCents(order: AdminOrder): number {
  const isPaid = order.history.some(({ status }) => status === "PAID");
  return isPaid ? order.total_cents - (order.refunded_cents ?? 0) : 0;
}
