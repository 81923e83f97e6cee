import { useShop, useSigned, useWords, type SignInStep } from "@millrun/api";
import { useState } from "react";
import { Link, Redirect, useSearchParams } from "wouter";
import { AuthForm } from "./AuthForm";
import { Confirm } from "./Confirm";
import { usePlace } from "./place";
import { WORDS } from "./words";

export function SignInPage() {
  const words = useWords(WORDS);
  const { session } = useShop();
  const signed = useSigned();
  const place = usePlace();
  const changed = useSearchParams()[0].has("changed");
  const [step, setStep] = useState<SignInStep>();
  const [tried, setTried] = useState({ email: "", password: "" });
  if (signed) return <Redirect to={place} replace />;
  const to = `?to=${encodeURIComponent(place)}`;
  if (step === "confirm_sign_up") {
    return <Confirm email={tried.email} then={() => session.signIn(tried.email, tried.password)} />;
  }
  if (step === "reset_password") return <Redirect to={`/forgot${to}`} replace />;
  return (
    <div className="stack narrow">
      <h1>{words.signIn}</h1>
      <p className="muted">{step === "totp" ? words.totp : words.signInLead}</p>
      {step === "totp_setup" && (
        <p className="notice bad" role="alert">
          {words.failed}
        </p>
      )}
      {changed && (
        <p className="notice good" role="status">
          {words.changed}
        </p>
      )}
      {step === "new_password" || step === "totp" ? (
        <AuthForm
          key={step}
          fields={step === "totp" ? ["code"] : ["newPassword"]}
          action={words.signIn}
          send={async ({ code, newPassword }) => setStep(await session.answer(step === "totp" ? code : newPassword))}
        />
      ) : (
        <AuthForm
          fields={["email", "password"]}
          action={words.signIn}
          send={async ({ email, password }) => {
            setTried({ email, password });
            setStep(await session.signIn(email, password));
          }}
        />
      )}
      <div>
        <Link className="link" href={`/forgot${to}`}>
          {words.forgot}
        </Link>
        <br />
        <Link className="link" href={`/sign-up${to}`}>
          {words.noAccount}
        </Link>
      </div>
    </div>
  );
}
