import { useShop, useWords } from "@millrun/api";
import { useMutation } from "@tanstack/react-query";
import { AuthForm, refusal } from "./AuthForm";
import { WORDS } from "./words";

/** Asks for the code that was sent to a new account's e-mail address, then signs in. */
export function Confirm({ email, then }: { email: string; then: () => Promise<unknown> }) {
  const words = useWords(WORDS);
  const { session } = useShop();
  const resend = useMutation({ mutationFn: () => session.resendCode(email) });
  return (
    <div className="stack narrow">
      <h1>{words.confirm}</h1>
      <AuthForm
        fields={["code"]}
        email={email}
        action={words.confirm}
        send={async ({ code }) => {
          await session.confirmSignUp(email, code.trim());
          await then();
        }}
      />
      <div role="status">
        {resend.isError && <p className="bad">{refusal(resend.error, words)}</p>}
        {resend.isSuccess ? (
          <p className="muted">{words.resent}</p>
        ) : (
          <button type="button" className="link" onClick={() => resend.mutate()}>
            {words.resend}
          </button>
        )}
      </div>
    </div>
  );
}
