import { removePersonal, undecidedRequest, useShop, writePersonal } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { setQuantity } from "../cart/cart";
import { isToBePaid } from "../orders/progress";
import { pay, PLACE, placeOrder, settleOrder, type Method, type Order, type PlaceOrder } from "./send";

/** Stored with an order that is being sent, in case its response arrives after a reload. */
const CHOSEN = "checkout.method";

export interface Wanted {
  body: PlaceOrder;
  /** The payment method; a reservation is paid later. */
  method: Method | undefined;
  /** Runs before the order is sent; does not fail. */
  prepare: () => Promise<void>;
}

/** Sends an order, then opens its page or the payment provider's. */
export function useCheckout() {
  const { client } = useShop();
  const proceed = useProceed();
  return useMutation({
    mutationFn: async ({ body, method, prepare }: Wanted) => {
      writePersonal(CHOSEN, method ?? null);
      await prepare();
      await proceed(await placeOrder(client, body), method);
    },
  });
}

/** Queries the result of an order whose response was lost; true until it is known. */
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
    // Once each time the page is opened.
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
    // Replaces the checkout in the browser's history, so that the way back from a provider leads to the order.
    go(`/orders/${order.order_id}`, { replace: true, state: { method } });
    if (method === undefined || !isToBePaid(order)) return;
    const payment = await pay(client, order.order_id, method).catch(() => undefined);
    if (payment?.checkout_url && payment.status === "INIT") window.location.assign(payment.checkout_url);
    else void queries.invalidateQueries({ queryKey: ["my"] });
  };
}
