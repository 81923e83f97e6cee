import { useLanguage, useShop, useSigned, useTrouble, type Person } from "@millrun/api";
import { App as AntApp, Button, ConfigProvider, Skeleton } from "antd";
import en from "antd/locale/en_US";
import zhTW from "antd/locale/zh_TW";
import { Suspense, useEffect } from "react";
import { Link, Route, Router, Switch, useLocation } from "wouter";
import { SignIn } from "./account/SignIn";
import { Crash } from "./frame/Crash";
import { Frame } from "./frame/Frame";
import { isStaff } from "./kit/access";
import { Notice } from "./kit/Notice";
import { themeOf, useAppearance } from "./kit/theme";
import { useKitWords } from "./kit/useKitWords";
import { SCREENS } from "./screens";

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
          {signed && (isStaff(signed.groups) ? <Signed person={signed} /> : <NotStaff />)}
        </Router>
      </AntApp>
    </ConfigProvider>
  );
}

function Signed({ person }: { person: Person }) {
  const [location] = useLocation();
  return (
    <Frame person={person}>
      <Crash key={location}>
        <Suspense fallback={<Skeleton active title={false} paragraph={{ rows: 10 }} />}>
          <Switch>
            {SCREENS.map(({ path, screen: Screen }) => (
              <Route key={path} path={path}>
                {(params) => <Screen params={params} />}
              </Route>
            ))}
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Crash>
    </Frame>
  );
}

/** Until it is known who is signed in. */
function Starting() {
  const words = useKitWords();
  const trouble = useTrouble();
  return (
    <main className="alone" aria-busy="true">
      {trouble && <p role="status">{words.trouble[trouble]}</p>}
      <Skeleton active title={false} paragraph={{ rows: 4 }} />
    </main>
  );
}

function NotFound() {
  const { notFound } = useKitWords();
  return <Notice title={notFound.title} body={notFound.body} step={<Link href="/">{notFound.home}</Link>} />;
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
