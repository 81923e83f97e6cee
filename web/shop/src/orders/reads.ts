import { answered, once, usePages, useShop, useSigned, type components } from "@millrun/api";
import { isToBePaid } from "./progress";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

export type Order = components["schemas"]["OrderView"];
export type Status = components["schemas"]["OrderStatus"];

const SOON_MS = 3_000;
const LATER_MS = 15_000;

export function useOrders() {
  const { client } = useShop();
  const signed = useSigned();
  return usePages(
    ["my", "orders"],
    (cursor) => answered(client.GET("/api/v1/orders", { params: { query: { cursor } } })),
    Boolean(signed),
  );
}

/** An order, polled for as long as it may still change. */
export function useOrder(id: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["my", "order", id],
    queryFn: () => answered(client.GET("/api/v1/orders/{order_id}", { params: { path: { order_id: id } } })),
    refetchInterval: ({ state }) => followMs(state.data),
    refetchOnWindowFocus: "always",
  });
}

export function usePayment(id: string | undefined) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["my", "payment", id],
    enabled: id !== undefined,
    queryFn: () =>
      answered(client.GET("/api/v1/payments/{payment_id}", { params: { path: { payment_id: id ?? "" } } })),
    refetchInterval: ({ state }) => (state.data && state.data.status !== "INIT" ? false : SOON_MS),
  });
}

export function useCancel(orderId: string) {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      once(`cancel_order:${orderId}`, {}, (key) =>
        answered(
          client.POST("/api/v1/orders/{order_id}/cancel", {
            params: { path: { order_id: orderId }, header: { "Idempotency-Key": key } },
            body: {},
          }),
        ),
      ),
    onSettled: () => queries.invalidateQueries(),
  });
}

function followMs(order: Order | undefined): number | false {
  if (order === undefined || order.status === "CREATED" || isToBePaid(order)) return SOON_MS;
  switch (order.status) {
    case "RESERVED":
    case "PAID":
    case "SHIPPING_SCHEDULED":
      return LATER_MS;
    default:
      return false;
  }
}
