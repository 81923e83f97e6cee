// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SCREENS } from "../../e2e/screens";

const ROOT = new URL("../../../", import.meta.url);

it("every route of the page is a screen that is looked at", () => {
  const app = readFileSync(new URL("web/shop/src/App.tsx", ROOT), "utf8");
  const routes = [...app.matchAll(/<Route path="([^"]+)"/g)].map(([, path]) => path);
  expect(Object.values(SCREENS).sort()).toEqual(routes.sort());
});
