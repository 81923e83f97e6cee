import { format, readPersonal, useShop, useWords } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { PaymentChoice } from "../checkout/PaymentChoice";
import { lastPayment, pay, type Method } from "../checkout/send";
import { Button } from "../parts/Button";
import { Countdown } from "../parts/Countdown";
import { Failure } from "../parts/Failure";
import { payUntil } from "./progress";
import { usePayment, type Order } from "./reads";
import { WORDS } from "./words";

/** Pays an order by a provider or with points; shows the result of the previous payment. */
export function PayPanel({ order }: { order: Order }) {
  const words = useWords(WORDS);
  const [search] = useSearchParams();
  const until = payUntil(order);
  const payment = usePayment(search.get("payment") ?? readPersonal<string>(lastPayment(order.order_id)));
  const [method, choose] = useState<Method | undefined>(offered(order.payment_method));
  const paying = usePay(order.order_id);
  const price = format.money(order.total_cents, order.currency);
  const waits = payment.data?.status === "INIT";
  const refused = payment.data?.status === "FAILED" || payment.data?.status === "EXPIRED";
  return (
    <section className="stack" aria-label={words.payTitle}>
      {until && (
        <p>
          {words.timeLeft}{" "}
          <strong className="warn">
            <Countdown until={until} />
          </strong>
        </p>
      )}
      {refused && (
        <div className="notice bad" role="alert">
          <h3>{words.refused}</h3>
          <p>{words.refusedText}</p>
        </div>
      )}
      {waits && (
        <div className="notice" role="status">
          <h3>{words.waiting}</h3>
          <p>{words.waitingText}</p>
          {payment.data?.checkout_url && (
            <a className="link" href={payment.data.checkout_url}>
              {words.goOn}
            </a>
          )}
        </div>
      )}
      <PaymentChoice totalCents={order.total_cents} chosen={method} choose={choose} />
      {paying.isError && <Failure failure={paying.error} />}
      <Button busy={paying.isPending || method === undefined} onClick={() => method && paying.mutate(method)}>
        {words.payNow(price)}
      </Button>
    </section>
  );
}

function usePay(orderId: string) {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (method: Method) => {
      const payment = await pay(client, orderId, method);
      if (payment.checkout_url && payment.status === "INIT") window.location.assign(payment.checkout_url);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["my"] }),
  });
}

function offered(method: Order["payment_method"]): Method | undefined {
  return method === "EXTERNAL" ? undefined : method;
}
