import { useShop, useSigned, useWords } from "@millrun/api";
import { useMutation } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { empty } from "../cart/cart";
import { Button } from "../parts/Button";
import { Addresses } from "./Addresses";
import { LanguageChoice } from "./LanguageChoice";
import { WORDS } from "./words";

export function AccountPage() {
  const words = useWords(WORDS);
  const { session } = useShop();
  const signed = useSigned();
  const [, go] = useLocation();
  const signOut = useMutation({
    mutationFn: async () => {
      // First, so that the account page does not ask to sign in again.
      go("/");
      empty();
      await session.signOut();
    },
  });
  return (
    <div className="stack loose narrow">
      <div className="stack">
        <h1>{words.account}</h1>
        <div>
          <p className="muted">{words.signedInAs}</p>
          <p>
            <strong>{signed?.email}</strong>
          </p>
        </div>
      </div>
      <Addresses />
      <LanguageChoice />
      <section className="stack" aria-labelledby="sign-out">
        <h2 id="sign-out">{words.signOutTitle}</h2>
        <p className="muted">{words.signOutText}</p>
        <div>
          <Button quiet wide={false} busy={signOut.isPending} onClick={() => signOut.mutate()}>
            {words.signOut}
          </Button>
        </div>
      </section>
    </div>
  );
}
