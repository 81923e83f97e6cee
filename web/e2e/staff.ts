/** Helpers of the console's flows: commands of a member of staff, and requests of customers. */
import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { stack } from "./support";

interface Functions {
  functions_endpoint: string;
  function_prefix: string;
}

export async function signInToConsole(page: Page, path = "/console/"): Promise<void> {
  await page.goto(path);
  await fillSignIn(page);
}

export async function fillSignIn(page: Page): Promise<void> {
  await page.locator("input[type=email]").fill(stack.emails.admin ?? "");
  await page.locator("input[type=password]").fill(stack.password);
  await page.keyboard.press("Enter");
  await expect(page.locator("header.frame-head")).toBeVisible();
}

/** The dialog of a command: its effect, and the button that sends it. */
export function dialog(page: Page): Locator {
  return page.getByRole("dialog");
}

/** Sends the open command with a double click, and returns how many requests were sent. */
export async function sendTwice(page: Page, button: string | RegExp, route: RegExp): Promise<number> {
  let sent = 0;
  const count = (request: { method: () => string; url: () => string }) => {
    if (request.method() === "POST" && route.test(request.url())) sent += 1;
  };
  page.on("request", count);
  await dialog(page).getByRole("button", { name: button }).dblclick();
  await expect(dialog(page)).toBeHidden();
  page.off("request", count);
  return sent;
}

export async function choose(page: Page, label: string, option: string): Promise<void> {
  const field = dialog(page).getByLabel(label, { exact: true });
  await field.click();
  // A select with a long list can be searched.
  if (await field.isEditable()) await field.fill(option);
  const list = page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)");
  // On a busy machine a click is lost while the list still opens: a person would click again, too.
  await expect(async () => {
    await list.locator(".ant-select-item-option").filter({ hasText: option }).first().click({ timeout: 3_000 });
    await expect(list).toHaveCount(0, { timeout: 3_000 });
  }).toPass();
}

type Answer = Record<string, string | number>;

/** A request of a customer, as the shop page sends it. */
export async function customer(who: "demo" | "other", path: string, body: object): Promise<Answer> {
  return post(stack.tokens[who] ?? "", path, body);
}

/** Gives a customer points, as a member of staff does: a shop whose demo was not played has none. */
export async function givePoints(who: "demo" | "other", amountCents: number): Promise<void> {
  const claims = Buffer.from(stack.tokens[who]?.split(".")[1] ?? "", "base64url").toString();
  const { sub } = JSON.parse(claims) as { sub: string };
  const body = { amount_cents: amountCents, reason: "for the flow" };
  await post(stack.tokens.admin ?? "", `/admin/customers/${sub}/points`, body);
}

async function post(token: string, path: string, body: object): Promise<Answer> {
  const response = await fetch(`${stack.api_url}/api/v1${path}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** What staff read: the items of a list, or one thing. */
export async function staffRead<T>(path: string): Promise<T[]>;
export async function staffRead<T>(path: string, what: "one"): Promise<T>;
export async function staffRead(path: string, what?: "one"): Promise<unknown> {
  const response = await fetch(`${stack.api_url}/api/v1${path}`, {
    headers: { Authorization: `Bearer ${stack.tokens.admin ?? ""}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  const body = (await response.json()) as { items: unknown[] };
  return what === "one" ? body : body.items;
}

/** Invokes a scheduled function as its schedule does at that time. */
export async function tick(useCase: string, time: Date): Promise<void> {
  const text = readFileSync(process.env.MILLRUN_STACK ?? "", "utf8");
  const { functions_endpoint, function_prefix } = JSON.parse(text) as Functions;
  const path = `/2015-03-31/functions/${function_prefix}${useCase}/invocations`;
  const response = await fetch(functions_endpoint + path, {
    method: "POST",
    headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request" },
    body: JSON.stringify({ time: time.toISOString() }),
  });
  if (!response.ok || response.headers.has("X-Amz-Function-Error"))
    throw new Error(`${useCase}: ${await response.text()}`);
}
