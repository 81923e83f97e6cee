import { removePersonal, undecidedRequest, useShop, writePersonal } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { setQuantity } from "../cart/cart";
import { isToBePaid } from "../orders/progress";
import { pay, PLACE, placeOrder, settleOrder, type Method, type Order, type PlaceOrder } from "./send";

/** Kept with an order that is being sent, for the case that its answer comes after a reload. */
const CHOSEN = "checkout.method";

export interface Wanted {
  body: PlaceOrder;
  /** How to pay at once; a reservation is not paid yet. */
  method: Method | undefined;
}

/** Sends an order, then goes to its page, or on to the payment provider. */
export function useCheckout() {
  const { client } = useShop();
  const proceed = useProceed();
  return useMutation({
    mutationFn: async ({ body, method }: Wanted) => {
      writePersonal(CHOSEN, method ?? null);
      await proceed(await placeOrder(client, body), method);
    },
  });
}

/** Asks what became of an order whose answer was lost; true while that is not known. */
export function useSettled(): boolean {
  const { client } = useShop();
  const proceed = useProceed();
  const [settling, set] = useState(() => undecidedRequest(PLACE) !== undefined);
  useEffect(() => {
    if (undecidedRequest(PLACE) === undefined) return;
    settleOrder(client)
      .then((order) => order && proceed(order, undefined))
      .catch(() => undefined)
      .finally(() => set(false));
    // Once for each time the page is opened.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return settling;
}

function useProceed() {
  const { client } = useShop();
  const queries = useQueryClient();
  const [, go] = useLocation();
  return async (order: Order, method: Method | undefined) => {
    if (order.kind === "INSTANT") for (const { variant_id } of order.lines) setQuantity(variant_id, 0);
    removePersonal(CHOSEN);
    queries.setQueryData(["my", "order", order.order_id], order);
    void queries.invalidateQueries();
    // In place of the checkout, so that the way back from a provider leads to the order.
    go(`/orders/${order.order_id}`, { replace: true, state: { method } });
    if (method === undefined || !isToBePaid(order)) return;
    const payment = await pay(client, order.order_id, method).catch(() => undefined);
    if (payment?.checkout_url && payment.status === "INIT") window.location.assign(payment.checkout_url);
    else void queries.invalidateQueries({ queryKey: ["my"] });
  };
}
