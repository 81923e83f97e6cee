import { useShop, useSigned, useOutage, type Session } from "@millrun/api";
import { lazy, Suspense, useEffect } from "react";
import { Router } from "wouter";
import { SignIn } from "./account/SignIn";
import { Crash } from "./frame/Crash";
import { isStaff } from "./kit/access";
import { useAppearance } from "./kit/appearance";
import { Notice } from "./kit/Notice";
import { useKitWords } from "./kit/useKitWords";

/**
 * Everything behind the sign-in, with Ant Design: loaded when the sign-in screen has been idle for a while, or when
 * somebody signs in, so that the sign-in screen can be used at once.
 */
const load = () => import("./Signed");
const Signed = lazy(async () => ({ default: (await load()).Signed }));
const IDLE_MS = 3_000;

function prepare(session: Session): void {
  // A failure is shown when the page is opened.
  load().catch(() => undefined);
  session.prepare();
}

export function App() {
  const { config, session } = useShop();
  const { dark } = useAppearance();
  const signed = useSigned();
  useEffect(() => {
    document.documentElement.dataset.dark = String(dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  useEffect(() => {
    const timer = setTimeout(() => prepare(session), session.isRemembered() ? 0 : IDLE_MS);
    return () => clearTimeout(timer);
  }, [session]);
  return (
    <Router base="/console">
      <title>{config.shopName}</title>
      {signed === undefined && <Starting />}
      {signed === null && <SignIn prepare={() => prepare(session)} />}
      <Crash>
        <Suspense fallback={<Starting />}>
          {signed && (isStaff(signed.groups) ? <Signed person={signed} /> : <NotStaff />)}
        </Suspense>
      </Crash>
    </Router>
  );
}

/** Until it is known who is signed in. */
function Starting() {
  const words = useKitWords();
  const outage = useOutage();
  return (
    <main className="start" aria-busy="true">
      {outage && <p role="status">{words.outage[outage]}</p>}
      <div className="start-lines" aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
    </main>
  );
}

function NotStaff() {
  const { notStaff, signOut } = useKitWords();
  const { session } = useShop();
  return (
    <main className="start">
      <Notice
        title={notStaff.title}
        body={notStaff.body}
        step={
          <button type="button" className="plain-button" onClick={() => void session.signOut()}>
            {signOut}
          </button>
        }
      />
    </main>
  );
}
