import { LANGUAGES, useLanguage, useShop, useWords, type SignInStep } from "@millrun/api";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { LANGUAGE_NAMES } from "../kit/languages";
import { inGroups } from "./key";
import { PasswordField, PlainField } from "./PlainField";
import { WORDS } from "./words";

type Step = "credentials" | "new_password" | "totp" | "totp_setup" | "forgot" | "reset";
type Name = "email" | "code" | "password";

const FIELDS: Record<Step, readonly Name[]> = {
  credentials: ["email", "password"],
  new_password: ["password"],
  totp: ["code"],
  totp_setup: ["code"],
  forgot: ["email"],
  reset: ["code", "password"],
};

const NEXT: Record<SignInStep, Step> = {
  done: "credentials",
  confirm_sign_up: "credentials",
  new_password: "new_password",
  totp: "totp",
  totp_setup: "totp_setup",
  reset_password: "reset",
};

/** Replaces the requested page until the user has signed in. A plain form: the component kit is not loaded for it. */
export function SignIn({ prepare }: { prepare: () => void }) {
  const { session, config } = useShop();
  const words = useWords(WORDS);
  const [step, setStep] = useState<Step>("credentials");
  const [email, setEmail] = useState("");
  const [missing, setMissing] = useState<readonly Name[]>([]);
  const send = useMutation({
    mutationFn: async (fields: Record<Name, string>): Promise<Step> => {
      switch (step) {
        case "credentials":
          setEmail(fields.email);
          return NEXT[await session.signIn(fields.email, fields.password)];
        case "new_password":
          return NEXT[await session.answer(fields.password)];
        case "totp":
        case "totp_setup":
          return NEXT[await session.answer(fields.code)];
        case "forgot":
          setEmail(fields.email);
          await session.forgotPassword(fields.email);
          return "reset";
        case "reset":
          await session.newPassword(email, fields.code, fields.password);
          return NEXT[await session.signIn(email, fields.password)];
      }
    },
    onSuccess: setStep,
  });
  const submit = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    prepare();
    const data = new FormData(event.currentTarget);
    const read = (name: Name) => textOf(data, name).trim();
    const empty = FIELDS[step].filter((name) => read(name) === "");
    setMissing(empty);
    if (empty[0]) event.currentTarget.querySelector<HTMLInputElement>(`[name=${empty[0]}]`)?.focus();
    // A password may begin or end with a space.
    else if (!send.isPending) {
      send.mutate({ email: read("email"), code: read("code"), password: textOf(data, "password") });
    }
  };
  const go = (next: Step) => {
    send.reset();
    setMissing([]);
    setStep(next);
  };
  const isNew = step === "new_password" || step === "reset";
  const wrong = (name: Name) => (missing.includes(name) ? words.missing : undefined);
  return (
    <main className="start sign-in">
      <h1>{words.title}</h1>
      <p className="muted">{words.subtitle(config.shopName)}</p>
      <form key={step} noValidate onSubmit={submit}>
        {send.isError && (
          <p className="refused" role="alert">
            {step === "credentials" ? words.refused : words.codeRefused}
          </p>
        )}
        {step === "new_password" && <p>{words.choose}</p>}
        {step === "totp" && <p>{words.totp}</p>}
        {step === "totp_setup" && <TotpSetup email={email} />}
        {step === "reset" && <p>{words.codeSent(email)}</p>}
        {FIELDS[step].includes("email") && (
          <PlainField
            name="email"
            label={words.email}
            type="email"
            autoComplete="username"
            defaultValue={email}
            wrong={wrong("email")}
            autoFocus
          />
        )}
        {FIELDS[step].includes("code") && (
          <PlainField
            name="code"
            label={words.code}
            inputMode="numeric"
            autoComplete="one-time-code"
            wrong={wrong("code")}
            autoFocus
          />
        )}
        {FIELDS[step].includes("password") && (
          <PasswordField
            name="password"
            label={isNew ? words.newPassword : words.password}
            autoComplete={isNew ? "new-password" : "current-password"}
            help={isNew ? words.newPasswordHelp : undefined}
            wrong={wrong("password")}
          />
        )}
        <button type="submit" className="plain-button primary" aria-busy={send.isPending || undefined}>
          {step === "credentials" ? words.signIn : step === "forgot" ? words.send : words.go}
        </button>
        <button
          type="button"
          className="plain-button link"
          onClick={() => go(step === "credentials" ? "forgot" : "credentials")}
        >
          {step === "credentials" ? words.forgot : words.back}
        </button>
      </form>
      <Languages />
    </main>
  );
}

function textOf(data: FormData, name: Name): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

/** The key of a new authenticator, where the user pool requires one. */
function TotpSetup({ email }: { email: string }) {
  const words = useWords(WORDS);
  const { key, uri } = useShop().session.authenticator(email) ?? { key: "", uri: "" };
  return (
    <>
      <p>{words.totpSetup}</p>
      <p className="key">{inGroups(key)}</p>
      <p>
        <a href={uri}>{words.openApp}</a>
      </p>
    </>
  );
}

function Languages() {
  const { language, choose } = useLanguage();
  return (
    <p className="languages">
      {LANGUAGES.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          className="plain-button small"
          aria-pressed={each === language}
          onClick={() => choose(each)}
        >
          {LANGUAGE_NAMES[each]}
        </button>
      ))}
    </p>
  );
}
