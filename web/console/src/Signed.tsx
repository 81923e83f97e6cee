import type { Person } from "@millrun/api";
import { Skeleton } from "antd";
import { Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { Crash } from "./frame/Crash";
import { Frame } from "./frame/Frame";
import { Notice } from "./kit/Notice";
import { useKitWords } from "./kit/useKitWords";
import { SCREENS } from "./screens";

/** The console of a member of staff. */
export function Signed({ person }: { person: Person }) {
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

function NotFound() {
  const { notFound } = useKitWords();
  return <Notice title={notFound.title} body={notFound.body} step={<Link href="/">{notFound.home}</Link>} />;
}
