import { format, useWords } from "@millrun/api";
import { usePoints } from "../points/reads";
import type { Method } from "./send";
import { WORDS } from "./words";

const PROVIDERS = ["ECPAY", "NEWEBPAY", "LINE_PAY"] as const;

/** The providers only, for payments that points cannot make. */
export function ProviderChoice({ chosen, choose }: Omit<PaymentChoiceProps, "totalCents">) {
  const words = useWords(WORDS);
  return (
    <fieldset className="stack">
      <legend>
        <h3>{words.pay}</h3>
      </legend>
      <div className="choices rows">
        <Providers chosen={chosen} choose={choose} />
      </div>
    </fieldset>
  );
}

function Providers({ chosen, choose }: Omit<PaymentChoiceProps, "totalCents">) {
  const words = useWords(WORDS);
  return PROVIDERS.map((method) => (
    <Choice key={method} method={method} hint={words.methodHints[method]} chosen={chosen} choose={choose} />
  ));
}

interface PaymentChoiceProps {
  totalCents: number;
  chosen: Method | undefined;
  choose: (method: Method) => void;
}

/** Payment by points, if the balance suffices, or by a provider. */
export function PaymentChoice({ totalCents, chosen, choose }: PaymentChoiceProps) {
  const words = useWords(WORDS);
  const points = usePoints();
  const balance = points.data?.balance_cents ?? 0;
  const suffices = balance >= totalCents;
  const price = format.money(balance, points.data?.currency ?? "");
  return (
    <fieldset className="stack">
      <legend>
        <h2>{words.pay}</h2>
      </legend>
      <div className="choices rows">
        <Providers chosen={chosen} choose={choose} />
        <Choice
          method="POINTS"
          hint={points.data ? (suffices ? words.balance(price) : words.tooFewPoints(price)) : "…"}
          disabled={!suffices}
          chosen={chosen}
          choose={choose}
        />
      </div>
    </fieldset>
  );
}

interface ChoiceProps {
  method: Method;
  hint: string;
  disabled?: boolean;
  chosen: Method | undefined;
  choose: (method: Method) => void;
}

function Choice({ method, hint, disabled = false, chosen, choose }: ChoiceProps) {
  const words = useWords(WORDS);
  return (
    <label className="choice">
      <input
        type="radio"
        name="method"
        value={method}
        checked={chosen === method}
        disabled={disabled}
        onChange={() => choose(method)}
      />
      <strong>{words.methods[method]}</strong>
      <span className="end small muted">{hint}</span>
    </label>
  );
}
