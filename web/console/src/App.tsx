import { useLanguage, useShop, useSigned, useOutage } from "@millrun/api";
import { App as AntApp, Button, ConfigProvider, Skeleton } from "antd";
import en from "antd/locale/en_US";
import zhTW from "antd/locale/zh_TW";
import { lazy, Suspense, useEffect } from "react";
import { Router } from "wouter";
import { SignIn } from "./account/SignIn";
import { Crash } from "./frame/Crash";
import { isStaff } from "./kit/access";
import { Notice } from "./kit/Notice";
import { themeOf, useAppearance } from "./kit/theme";
import { useKitWords } from "./kit/useKitWords";

const Signed = lazy(async () => ({ default: (await import("./Signed")).Signed }));

export function App() {
  const { config } = useShop();
  const { language } = useLanguage();
  const { dark } = useAppearance();
  const signed = useSigned();
  useEffect(() => {
    document.documentElement.dataset.dark = String(dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  return (
    <ConfigProvider locale={language === "en" ? en : zhTW} theme={themeOf(dark)} button={{ autoInsertSpace: false }}>
      <AntApp className="console">
        <title>{config.shopName}</title>
        <Router base="/console">
          {signed === undefined && <Starting />}
          {signed === null && <SignIn />}
          <Crash>
            <Suspense fallback={<Starting />}>
              {signed && (isStaff(signed.groups) ? <Signed person={signed} /> : <NotStaff />)}
            </Suspense>
          </Crash>
        </Router>
      </AntApp>
    </ConfigProvider>
  );
}

/** Until it is known who is signed in. */
function Starting() {
  const words = useKitWords();
  const outage = useOutage();
  return (
    <main className="alone" aria-busy="true">
      {outage && <p role="status">{words.outage[outage]}</p>}
      <Skeleton active title={false} paragraph={{ rows: 4 }} />
    </main>
  );
}

function NotStaff() {
  const { notStaff, signOut } = useKitWords();
  const { session } = useShop();
  return (
    <main className="alone">
      <Notice
        title={notStaff.title}
        body={notStaff.body}
        step={<Button onClick={() => void session.signOut()}>{signOut}</Button>}
      />
    </main>
  );
}
