import { useWords } from "@millrun/api";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../parts/Button";
import { Field } from "../parts/Field";
import { WORDS, type AccountWords } from "./words";

type Name = "email" | "password" | "newPassword" | "code";
export type Values = Record<Name, string>;

interface AuthFormProps {
  fields: readonly Name[];
  email?: string;
  action: string;
  send: (values: Values) => Promise<unknown>;
}

const PASSWORD_MIN = 12;
const AUTOCOMPLETE = {
  email: "username",
  password: "current-password",
  newPassword: "new-password",
  code: "one-time-code",
};

/** A form of the user pool: validates the fields, sends once, and shows the pool's refusal. */
export function AuthForm({ fields, email = "", action, send }: AuthFormProps) {
  const words = useWords(WORDS);
  const [values, set] = useState<Values>({ email, password: "", newPassword: "", code: "" });
  const [checked, check] = useState(false);
  const sending = useMutation({ mutationFn: send });
  const wrong = (name: Name) => (checked ? wrongOf(name, values[name], words) : undefined);
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        check(true);
        if (fields.every((name) => wrongOf(name, values[name], words) === undefined) && !sending.isPending) {
          sending.mutate(values);
        }
      }}
    >
      {fields.map((name) => (
        <Field
          key={name}
          name={name}
          label={words[name]}
          type={name === "email" ? "email" : name === "code" ? "text" : "password"}
          autoComplete={AUTOCOMPLETE[name]}
          inputMode={name === "code" ? "numeric" : undefined}
          hint={hintOf(name, values, words)}
          wrong={wrong(name)}
          required
          value={values[name]}
          onChange={(event) => set({ ...values, [name]: event.target.value })}
        />
      ))}
      {sending.isError && (
        <p className="notice bad" role="alert">
          {refusal(sending.error, words)}
        </p>
      )}
      <Button submit busy={sending.isPending}>
        {action}
      </Button>
    </form>
  );
}

function hintOf(name: Name, values: Values, words: AccountWords): string | undefined {
  if (name === "newPassword") return words.passwordHint;
  return name === "code" && values.email !== "" ? words.codeHint(values.email) : undefined;
}

function wrongOf(name: Name, value: string, words: AccountWords): string | undefined {
  if (value.trim() === "") return words.missing;
  if (name !== "newPassword") return undefined;
  const isStrong =
    value.length >= PASSWORD_MIN && [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].every((kind) => kind.test(value));
  return isStrong ? undefined : words.weak;
}

/** The text for a refusal of the user pool. */
export function refusal(failure: unknown, words: AccountWords): string {
  const name = failure instanceof Error ? failure.name : "";
  return words.refusals[name] ?? words.failed;
}
