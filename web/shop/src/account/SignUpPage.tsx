import { useShop, useSigned, useWords } from "@millrun/api";
import { useState } from "react";
import { Link, Redirect } from "wouter";
import { AuthForm } from "./AuthForm";
import { Confirm } from "./Confirm";
import { usePlace } from "./place";
import { WORDS } from "./words";

export function SignUpPage() {
  const words = useWords(WORDS);
  const { session } = useShop();
  const signed = useSigned();
  const place = usePlace();
  const [made, setMade] = useState<{ email: string; password: string }>();
  if (signed) return <Redirect to={place} replace />;
  if (made) return <Confirm email={made.email} then={() => session.signIn(made.email, made.password)} />;
  return (
    <div className="stack narrow">
      <h1>{words.signUp}</h1>
      <p className="muted">{words.signUpLead}</p>
      <AuthForm
        fields={["email", "newPassword"]}
        action={words.signUp}
        send={async ({ email, newPassword }) => {
          await session.signUp(email, newPassword);
          setMade({ email, password: newPassword });
        }}
      />
      <div>
        <Link className="link" href={`/sign-in?to=${encodeURIComponent(place)}`}>
          {words.hasAccount}
        </Link>
      </div>
    </div>
  );
}
