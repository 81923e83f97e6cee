import "./console.css";
import { useLanguage, type Person } from "@millrun/api";
import { App as AntApp, ConfigProvider, Skeleton } from "antd";
import en from "antd/locale/en_US";
import zhTW from "antd/locale/zh_TW";
import { Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { Crash } from "./frame/Crash";
import { Frame } from "./frame/Frame";
import { useAppearance } from "./kit/appearance";
import { Notice } from "./kit/Notice";
import { themeOf } from "./kit/theme";
import { useKitWords } from "./kit/useKitWords";
import { SCREENS } from "./screens";

/** The console of a signed-in staff member. */
export function Signed({ person }: { person: Person }) {
  const { language } = useLanguage();
  const { dark } = useAppearance();
  return (
    <ConfigProvider locale={language === "en" ? en : zhTW} theme={themeOf(dark)} button={{ autoInsertSpace: false }}>
      <AntApp className="console">
        <Frame person={person}>
          <Screens />
        </Frame>
      </AntApp>
    </ConfigProvider>
  );
}

function Screens() {
  const [location] = useLocation();
  return (
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
  );
}

function NotFound() {
  const { notFound } = useKitWords();
  return <Notice title={notFound.title} body={notFound.body} step={<Link href="/">{notFound.home}</Link>} />;
}
