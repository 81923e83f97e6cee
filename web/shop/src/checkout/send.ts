import { answered, once, settle, writePersonal, type Client, type components } from "@millrun/api";

export type PlaceOrder = components["schemas"]["PlaceOrder"];
export type Order = components["schemas"]["OrderView"];
export type Payment = components["schemas"]["PaymentView"];
export type Method = components["schemas"]["OfferedPaymentMethod"];

const PLACE = "place_order";

/** Places an order. One whose answer was lost is asked for first: its customer gets that one, not a second. */
export async function placeOrder(client: Client, body: PlaceOrder): Promise<Order> {
  const earlier = await settleOrder(client);
  return earlier ?? once(PLACE, body, (key) => post(client, body, key));
}

/** The order whose answer was lost, or undefined. */
export function settleOrder(client: Client): Promise<Order | undefined> {
  return settle(PLACE, (body: PlaceOrder, key) => post(client, body, key));
}

export { PLACE };

/** Begins to pay an order; with points it is paid when this answers. */
export async function pay(client: Client, orderId: string, method: Method): Promise<Payment> {
  const body = { order_id: orderId, method };
  const payment = await once(`pay_order:${orderId}`, body, (key) =>
    answered(client.POST("/api/v1/payments", { body, params: { header: { "Idempotency-Key": key } } })),
  );
  writePersonal(lastPayment(orderId), payment.payment_id);
  return payment;
}

/** Under which name this tab keeps the id of the latest attempt to pay an order. */
export function lastPayment(orderId: string): string {
  return `payment.${orderId}`;
}

function post(client: Client, body: PlaceOrder, key: string): Promise<Order> {
  return answered(client.POST("/api/v1/orders", { body, params: { header: { "Idempotency-Key": key } } }));
}
