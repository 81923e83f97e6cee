// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CONSOLE_SCREENS, mails, screenshots, SHOP_SCREENS } from "../../e2e/screens";

const ROOT = new URL("../../../", import.meta.url);

it("every route of the shop page is a screen that is looked at", () => {
  const app = readFileSync(new URL("web/shop/src/App.tsx", ROOT), "utf8");
  const routes = [...app.matchAll(/<Route path="([^"]+)"/g)].map(([, path]) => path);
  expect(Object.values(SHOP_SCREENS).sort()).toEqual(routes.sort());
});

it("every route of the console is a screen that is looked at", () => {
  const source = readFileSync(new URL("web/console/src/screens.tsx", ROOT), "utf8");
  const routes = [...source.matchAll(/path: "([^"]+)"/g)].map(([, path]) => path ?? "");
  const routeOf = (path: string) => path.replace(/^\/(fulfilment|machine)(\/.*)?$/, "/$1/:tab?");
  expect([...new Set(Object.values(CONSOLE_SCREENS).map(routeOf))].sort()).toEqual(routes.sort());
});

it.each(["shop", "console"] as const)("every screen of the %s has its screenshots (make screens)", (page) => {
  const missing = screenshots(page).filter((name) => !existsSync(new URL(`docs/screens/${name}`, ROOT)));
  expect(missing).toEqual([]);
});

it("every mail has its picture in both languages (make screens)", () => {
  expect(mails().filter((name) => name.endsWith("-en")).length * 2).toBe(mails().length);
  expect(mails().filter((name) => !existsSync(new URL(`docs/screens/mail/${name}.jpg`, ROOT)))).toEqual([]);
});
