import { useShop, useWords } from "@millrun/api";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { AuthForm } from "./AuthForm";
import { usePlace } from "./place";
import { WORDS } from "./words";

export function ForgotPage() {
  const words = useWords(WORDS);
  const { session } = useShop();
  const place = usePlace();
  const [, go] = useLocation();
  const [email, setEmail] = useState<string>();
  const to = encodeURIComponent(place);
  return (
    <div className="stack narrow">
      <h1>{words.setPassword}</h1>
      {email === undefined ? (
        <>
          <p className="muted">{words.forgotLead}</p>
          <AuthForm
            key="ask"
            fields={["email"]}
            action={words.sendCode}
            send={async (values) => {
              await session.forgotPassword(values.email);
              setEmail(values.email);
            }}
          />
        </>
      ) : (
        <AuthForm
          key="set"
          fields={["code", "newPassword"]}
          email={email}
          action={words.setPassword}
          send={async ({ code, newPassword }) => {
            await session.newPassword(email, code.trim(), newPassword);
            go(`/sign-in?changed&to=${to}`);
          }}
        />
      )}
      <div>
        <Link className="link" href={`/sign-in?to=${to}`}>
          {words.hasAccount}
        </Link>
      </div>
    </div>
  );
}
