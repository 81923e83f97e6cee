// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mayDo, maySee, type Group } from "../src/kit/access";
import { ACTIONS } from "../src/machine/actions";

interface Operation {
  operationId: string;
  "x-roles"?: Group[];
}

const WEB = new URL("../../", import.meta.url).pathname;
const contract = JSON.parse(readFileSync(join(WEB, "../infra/openapi.json"), "utf8")) as {
  paths: Record<string, Record<string, Operation>>;
};
const routes = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, "{}")}`,
    isCommand: method !== "get",
    ...operation,
  })),
);
const commands = routes.filter(({ isCommand, ...operation }) => isCommand && operation["x-roles"]);

/** What an area reads first; the windows fall back on what customers see, so that every group has them. */
const READS: Record<string, string> = {
  home: "get_summary",
  orders: "search_orders",
  fulfilment: "search_orders",
  catalog: "list_all_products",
  batches: "list_batches",
  "work-orders": "list_work_orders",
  coupons: "list_all_coupons",
  delivery: "list_all_shipping_methods",
  money: "list_payment_tasks",
  "machine/outbox": "list_outbox",
  "machine/messages": "list_notifications",
  "machine/audit": "audit_ledgers",
  "machine/activity": "list_activity",
};

/** Routes that no screen calls, each with the reason. */
const API_ONLY: Record<string, string> = {
  export_my_data: "an export for the customer's own programs",
  get_openapi: "the contract itself, for programs",
  list_daily_sales: "figures for spreadsheets and programs; Home shows the summary's days",
  inspect_payment: "an order's page shows its payments whole",
  open_checkout: "the browser opens it by the payment's checkout_url",
  open_checkout_as_admin: "the browser opens it by the payment's checkout_url",
  receive_ecpay_callback: "called by the provider",
  receive_newebpay_callback: "called by the provider",
  return_from_line_pay: "the provider sends the browser there",
};

describe("the contract", () => {
  it("has a name for each command of the staff, which the activity log shows", () => {
    expect(Object.keys(ACTIONS.en).sort()).toEqual(commands.map(({ operationId }) => operationId).sort());
  });

  it.each(["fulfilment", "support", "viewer"] as const)("lets %s send what the console offers them", (group) => {
    const offered = commands.filter(({ operationId }) => mayDo([group], operationId));
    const allowed = commands.filter((operation) => operation["x-roles"]?.includes(group));
    expect(offered.map(({ operationId }) => operationId)).toEqual(allowed.map(({ operationId }) => operationId));
  });

  it.each(["fulfilment", "support", "viewer"] as const)("lets %s read what the areas it sees begin with", (group) => {
    const reads = Object.entries(READS).filter(([area]) => maySee([group], area));
    const refused = reads.filter(([, read]) => {
      const operation = routes.find(({ operationId }) => operationId === read);
      return operation?.["x-roles"]?.includes(group) !== true;
    });
    expect(refused).toEqual([]);
  });

  it("has no route that no screen uses, unless it is listed as API only", () => {
    const used = usedRoutes();
    const unused = routes.filter(({ route }) => !used.has(route)).map(({ operationId }) => operationId);
    expect(unused.sort()).toEqual(Object.keys(API_ONLY).sort());
  });
});

/** The routes that the sources of both pages call, with `{}` for each parameter. */
function usedRoutes(): Set<string> {
  const used = new Set<string>();
  const add = (method = "", path = "") => used.add(`${method} ${path.replace(/\$?\{[^}]*\}/g, "{}")}`);
  for (const folder of ["api/src", "shop/src", "console/src"]) {
    for (const name of readdirSync(join(WEB, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(name) || name.endsWith("schema.ts")) continue;
      const source = readFileSync(join(WEB, folder, name), "utf8");
      for (const [, method, path] of source.matchAll(/\.(GET|POST|PUT|PATCH|DELETE)\(\s*"([^"]+)"/g)) add(method, path);
    }
  }
  return used;
}
