import { answered, format, once, useShop, useWords, type components } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { ProviderChoice } from "../checkout/PaymentChoice";
import type { Method } from "../checkout/send";
import { usePayment } from "../orders/reads";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { Field } from "../parts/Field";
import { WORDS } from "./words";

type Provider = components["schemas"]["ProviderMethod"];

const AMOUNTS = [1_000_000, 2_000_000, 5_000_000];

export function TopUp() {
  const words = useWords(WORDS);
  const { config } = useShop();
  const [amount, choose] = useState<number>(1_000_000);
  const [typed, type] = useState("");
  const [wrong, setWrong] = useState(false);
  const [method, chooseMethod] = useState<Method>("ECPAY");
  const charge = useCharge();
  const price = (cents: number) => format.money(cents, config.currency);
  const cents = typed === "" ? amount : Number(typed.replaceAll(",", "")) * 100;
  const send = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const isAmount = Number.isInteger(cents) && cents > 0;
    setWrong(!isAmount);
    if (isAmount && !charge.isPending && method !== "POINTS") charge.mutate({ amountCents: cents, method });
  };
  return (
    <form className="card panel stack narrow" onSubmit={send} noValidate>
      <fieldset className="stack">
        <legend>
          <h2>{words.topUp}</h2>
        </legend>
        <div className="choices">
          {AMOUNTS.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="amount"
                checked={typed === "" && amount === each}
                onChange={() => {
                  choose(each);
                  type("");
                }}
              />
              {price(each)}
            </label>
          ))}
        </div>
      </fieldset>
      <Field
        label={words.amount}
        hint={words.amountHint}
        inputMode="numeric"
        value={typed}
        maxLength={9}
        wrong={wrong ? words.notAmount : undefined}
        onChange={(event) => type(event.target.value)}
      />
      <ProviderChoice chosen={method} choose={chooseMethod} />
      {charge.isError && <Failure failure={charge.error} />}
      <LastPayment creditedAtOnce={charge.data !== undefined && !("payment_id" in charge.data)} />
      <Button submit busy={charge.isPending}>
        {Number.isInteger(cents) && cents > 0 ? words.charge(price(cents)) : words.chargeAny}
      </Button>
    </form>
  );
}

/** The result of the payment from which the customer returns. */
function LastPayment({ creditedAtOnce }: { creditedAtOnce: boolean }) {
  const words = useWords(WORDS);
  const [search] = useSearchParams();
  const queries = useQueryClient();
  const payment = usePayment(search.get("payment") ?? undefined).data;
  const status = creditedAtOnce ? "SUCCEEDED" : payment?.status;
  useEffect(() => {
    if (status === "SUCCEEDED") void queries.invalidateQueries({ queryKey: ["my", "points"] });
  }, [status, queries]);
  switch (status) {
    case undefined:
      return null;
    case "INIT":
      return (
        <div className="notice" role="status">
          <p>{words.waiting}</p>
          {payment?.checkout_url && (
            <a className="link" href={payment.checkout_url}>
              {words.goOn}
            </a>
          )}
        </div>
      );
    case "SUCCEEDED":
      return (
        <p className="notice good" role="status">
          {words.charged}
        </p>
      );
    case "FAILED":
    case "EXPIRED":
      return (
        <div className="notice bad" role="alert">
          <h3>{words.refused}</h3>
          <p>{words.refusedText}</p>
        </div>
      );
    default:
      return (
        <p className="notice" role="status">
          {words.returned}
        </p>
      );
  }
}

function useCharge() {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ amountCents, method }: { amountCents: number; method: Provider }) => {
      const body = { amount_cents: amountCents, method };
      const charged = await once("charge_points", body, (key) =>
        answered(client.POST("/api/v1/points/charge", { body, params: { header: { "Idempotency-Key": key } } })),
      );
      if ("checkout_url" in charged && charged.checkout_url) window.location.assign(charged.checkout_url);
      return charged;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["my", "points"] }),
  });
}
