import { answered, format, once, useShop, useWords } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { Field } from "../parts/Field";
import { WORDS } from "./words";

const AMOUNTS = [1_000_000, 2_000_000, 5_000_000];

export function TopUp() {
  const words = useWords(WORDS);
  const { config } = useShop();
  const [amount, choose] = useState<number>(1_000_000);
  const [typed, type] = useState("");
  const [wrong, setWrong] = useState(false);
  const charge = useCharge();
  const price = (cents: number) => format.money(cents, config.currency);
  const cents = typed === "" ? amount : Number(typed.replaceAll(",", "")) * 100;
  const send = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const isAmount = Number.isInteger(cents) && cents > 0;
    setWrong(!isAmount);
    if (isAmount && !charge.isPending) charge.mutate(cents);
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
      {charge.isError && <Failure failure={charge.error} />}
      {charge.isSuccess && (
        <p className="notice good" role="status">
          {words.charged(price(charge.data.balance_cents))}
        </p>
      )}
      <Button submit busy={charge.isPending}>
        {Number.isInteger(cents) && cents > 0 ? words.charge(price(cents)) : words.chargeAny}
      </Button>
    </form>
  );
}

function useCharge() {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (amountCents: number) =>
      once("charge_points", { amount_cents: amountCents }, (key) =>
        answered(
          client.POST("/api/v1/points/charge", {
            body: { amount_cents: amountCents },
            params: { header: { "Idempotency-Key": key } },
          }),
        ),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["my", "points"] }),
  });
}
