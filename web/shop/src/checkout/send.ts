import { answered, once, settle, writePersonal, type Client, type components } from "@millrun/api";

export type PlaceOrder = components["schemas"]["PlaceOrder"];
export type Order = components["schemas"]["OrderView"];
export type Payment = components["schemas"]["PaymentView"];
export type Method = components["schemas"]["OfferedPaymentMethod"];

const PLACE = "place_order";

/** Places an order. If the response of an earlier one was lost, that order is returned instead of a second one. */
export async function placeOrder(client: Client, body: PlaceOrder): Promise<Order> {
  const earlier = await settleOrder(client);
  return earlier ?? once(PLACE, body, (key) => post(client, body, key));
}

/** The order whose response was lost, or undefined. */
export function settleOrder(client: Client): Promise<Order | undefined> {
  return settle(PLACE, (body: PlaceOrder, key) => post(client, body, key));
}

export { PLACE };

/** Starts the payment of an order; with points the order is paid when this returns. */
export async function pay(client: Client, orderId: string, method: Method): Promise<Payment> {
  const body = { order_id: orderId, method };
  const payment = await once(`pay_order:${orderId}`, body, (key) =>
    answered(client.POST("/api/v1/payments", { body, params: { header: { "Idempotency-Key": key } } })),
  );
  writePersonal(lastPayment(orderId), payment.payment_id);
  return payment;
}

/** The storage key of the id of an order's latest payment in this tab. */
export function lastPayment(orderId: string): string {
  return `payment.${orderId}`;
}

function post(client: Client, body: PlaceOrder, key: string): Promise<Order> {
  return answered(client.POST("/api/v1/orders", { body, params: { header: { "Idempotency-Key": key } } }));
}
