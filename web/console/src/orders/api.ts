import { answered, usePages, useShop, type Client, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { read } from "../kit/coming";

type Schemas = components["schemas"];

export interface Contact {
  name: string | null;
  phone: string | null;
  email: string | null;
  shipping_address: string | null;
}

export interface PaymentAttempt {
  payment_id: string;
  method: string;
  status: Schemas["PaymentStatus"];
  amount_cents: number;
  provider_payment_id?: string;
  refunded_cents?: number;
  created_at: string;
  events?: { action: string; result: string; at: string }[];
}

export interface OrderMessage {
  job_id: string;
  channel: string;
  template_key: string;
  status: Schemas["NotificationStatus"];
  sent_at?: string;
}

/** An order as staff see it: the customer's order, and what an older shop does not tell. */
export type AdminOrder = Schemas["OrderView"] & {
  customer_id?: string;
  contact?: Contact | null;
  payments?: PaymentAttempt[];
  messages?: OrderMessage[];
  history: (Schemas["StepView"] & { by?: string })[];
  shipping?: { method_code: string; name: string; kind: string; fee_cents: number };
};

export const FILTERS = [
  "status",
  "kind",
  "order_no",
  "order_id",
  "phone",
  "email",
  "customer_id",
  "product_id",
  "sell_window_id",
  "created_from",
  "created_to",
] as const;

export type OrderFilters = Partial<Record<(typeof FILTERS)[number], string>>;

export function readOrders(client: Client, filters: OrderFilters, cursor?: string, limit?: number) {
  return read<{ items: AdminOrder[]; next_cursor?: string }>(client, "/admin/orders", {
    ...filters,
    cursor,
    limit: limit?.toString(),
  });
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
    // The order is followed while something may happen to it by itself.
    refetchInterval: ({ state }) => (state.data && isMoving(state.data.status) ? 5_000 : false),
  });
}

function isMoving(status: Schemas["OrderStatus"]): boolean {
  return ["CREATED", "RESERVED", "PENDING_PAYMENT", "PAID"].includes(status);
}

export function piecesOf(order: Pick<AdminOrder, "lines">): number {
  return order.lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** What was paid and not given back. */
export function refundableCents(order: AdminOrder): number {
  const isPaid = order.history.some(({ status }) => status === "PAID");
  return isPaid ? order.total_cents - (order.refunded_cents ?? 0) : 0;
}
