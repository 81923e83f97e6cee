import { format, useShop, useWords } from "@millrun/api";
import { Failure } from "../parts/Failure";
import { Field } from "../parts/Field";
import { isPostalCode, needsPostalCode, type Shipping, type ShippingMethod } from "./shipping";
import { WORDS } from "./words";

interface ShippingChoiceProps {
  shipping: Shipping;
  /** Whether invalid fields are marked. */
  isChecked: boolean;
}

/** The shop's shipping methods with their fees; nothing in a shop without any. */
export function ShippingChoice({ shipping, isChecked }: ShippingChoiceProps) {
  const words = useWords(WORDS);
  const { config } = useShop();
  if (shipping.failure) return <Failure failure={shipping.failure} retry={shipping.retry} />;
  if (shipping.methods.length === 0) return null;
  const isWrong = isChecked && !isPostalCode(shipping.postalCode);
  return (
    <fieldset className="stack">
      <legend>
        <h2>{words.delivery}</h2>
      </legend>
      <div className="choices rows">
        {shipping.methods.map((method) => (
          <label key={method.code} className="choice">
            <input
              type="radio"
              name="shipping"
              value={method.code}
              checked={shipping.chosen?.code === method.code}
              onChange={() => shipping.choose(method.code)}
            />
            <strong className="name">{method.name}</strong>
            <Fee method={method} />
          </label>
        ))}
      </div>
      {shipping.chosen && needsPostalCode(shipping.chosen) && (
        <Field
          label={words.postalCode}
          hint={words.postalCodeHint(format.money(shipping.chosen.island_surcharge_cents, config.currency))}
          name="postal_code"
          autoComplete="postal-code"
          maxLength={10}
          required
          value={shipping.postalCode}
          wrong={isWrong ? words.missing : undefined}
          onChange={(event) => shipping.setPostalCode(event.target.value)}
        />
      )}
    </fieldset>
  );
}

function Fee({ method }: { method: ShippingMethod }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const price = (cents: number) => format.money(cents, config.currency);
  const { fee_cents, free_from_cents } = method;
  return (
    <span className="end small muted">
      <span className="nowrap">{fee_cents > 0 ? price(fee_cents) : words.free}</span>
      {fee_cents > 0 && free_from_cents !== undefined && (
        <>
          {" · "}
          <span className="nowrap">{words.freeFrom(price(free_from_cents))}</span>
        </>
      )}
    </span>
  );
}
