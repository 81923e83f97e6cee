/** Helpers of the browser flows: a page that is watched for errors, users, and an admin's preparations. */
import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type BrowserContext, type Page, type Request } from "@playwright/test";

interface Stack {
  api_url: string;
  endpoint: string;
  shop_url: string;
  tokens: Record<string, string>;
  emails: Record<string, string>;
  password: string;
}

export const stack = JSON.parse(readFileSync(process.env.MILLRUN_STACK ?? "", "utf8")) as Stack;
export const PASSWORD = "Paper-and-ink-7";

interface Fixtures {
  /** A console error that a test causes on purpose, such as the status of a refusal. */
  expected: RegExp;
}

/** Every page is watched: a console error or a violation of the Content-Security-Policy fails the test. */
export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the parameter's shape.
  expected: async ({}, provide) => {
    await provide(/^$/);
  },
  context: async ({ context, expected }, provide) => {
    const complaints: string[] = [];
    watch(context, complaints);
    await provide(context);
    const unexpected = complaints.filter((text) => !expected.test(text));
    expect(unexpected, "what the browser complains about").toEqual([]);
  },
});

export { expect };

function watch(context: BrowserContext, complaints: string[]): void {
  context.on("console", (message) => {
    // Pages of the fake providers are not checked.
    if (message.type() === "error" && message.page()?.url().startsWith(stack.shop_url)) complaints.push(message.text());
  });
  context.on("weberror", (failure) => complaints.push(failure.error().message));
}

/** Checks all rules of axe, or only the given ones. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  // A color that is still changing has no contrast to speak of.
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (;;) {
      // What has just changed begins to move with the next frame.
      await frame();
      await frame();
      const moving = document
        .getAnimations()
        .filter(
          ({ effect, playState }) => playState === "running" && effect?.getComputedTiming().iterations !== Infinity,
        );
      if (moving.length === 0) return;
      await Promise.allSettled(moving.map(({ finished }) => finished));
    }
  });
  const builder = new AxeBuilder({ page });
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze();
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(said, `axe at ${page.url()}`).toEqual([]);
}

let people = 0;

interface Mail {
  To: string[];
  Subject: string;
  BodyText: string;
}

/** The newest code that the user pool has mailed to an address, when it is not the one before. */
export async function mailedCode(email: string, before = ""): Promise<string> {
  let code = "";
  await expect(async () => {
    const response = await fetch(`${stack.endpoint}/_ministack/ses/messages`);
    const { messages } = (await response.json()) as { messages: Record<string, Mail[]> };
    const mails = Object.values(messages)
      .flat()
      .filter(({ To, Subject }) => To.includes(email) && Subject === "Your verification code");
    code = /\d{6}/.exec(mails.at(-1)?.BodyText ?? "")?.[0] ?? "";
    expect(code, `a code mailed to ${email}`).not.toBe("");
    expect(code).not.toBe(before);
  }).toPass({ timeout: 20_000 });
  return code;
}

/** Signs a new customer up through the page, with the code that is mailed. */
export async function signUp(page: Page, to = "/"): Promise<string> {
  people += 1;
  const email = `flow-${Date.now()}-${test.info().workerIndex}-${people}@shop.example`;
  await page.goto(`/sign-up?to=${encodeURIComponent(to)}`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Code").fill(await mailedCode(email));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("link", { name: "Account" })).toBeVisible();
  return email;
}

/** Signs a customer in who has signed up before, and opens the account. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto("/sign-in?to=/account");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Puts a product of the demo catalogue into the cart and goes to the checkout. */
export async function putInCart(page: Page, product = "Sun cakes"): Promise<void> {
  await page.goto(`/?q=${encodeURIComponent(product)}`);
  await page.getByRole("link", { name: product, exact: true }).click();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("link", { name: "Go to the cart" }).click();
  await page.getByRole("link", { name: "Continue to delivery" }).click();
}

/** The same, with the contact filled in. */
export async function fillCart(page: Page, product = "Sun cakes"): Promise<void> {
  await putInCart(page, product);
  await fillContact(page);
}

export async function fillContact(page: Page): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill("Lin Mei");
  await page.getByLabel("Phone").fill("0912 345 678");
  await page.getByLabel("Address", { exact: true }).fill("No. 1, Mill Road, Taipei");
}

/** The button that orders, whatever it costs. */
export function orderButton(page: Page) {
  return page.getByRole("button", { name: /^Order and pay/ });
}

/**
 * Sends a request of the page to the shop, whatever becomes of its response: for a response that is lost. Node.js
 * cannot resolve the page's host name, so it goes to the API's own address.
 */
export async function delivered(request: Request): Promise<void> {
  const headers = await request.allHeaders();
  const kept = ["authorization", "content-type", "idempotency-key"].map((name) => [name, headers[name] ?? ""] as const);
  const response = await fetch(stack.api_url + new URL(request.url()).pathname, {
    method: request.method(),
    headers: Object.fromEntries(kept),
    body: request.postData(),
  });
  expect(response.status).toBe(201);
}

/**
 * From the order's button over the shop's own page, which opens a trade only when its button is pressed, to the
 * provider's.
 */
export async function goToProvider(page: Page): Promise<void> {
  await page.locator("button[type=submit]").and(page.locator("form[method=post] *")).click();
  await expect(page.locator("button[value=pay]")).toBeVisible();
}

/** Tops up points: paid at the provider, or credited at once where the stack's PointsCharging is `trusted`. */
export async function topUp(page: Page): Promise<void> {
  await page.goto("/points");
  await page.getByRole("button", { name: /^Top up NT/ }).click();
  const credited = page.getByText("Your top-up has arrived.");
  const toPay = page.locator("button[value=pay]");
  await expect(credited.or(toPay)).toBeVisible();
  if (await toPay.isVisible()) await toPay.click();
  await expect(credited).toBeVisible();
  await expect(page.getByText("Top-up", { exact: true })).toBeVisible();
}

/** A request of the admin, as the console sends it: the preparations before a customer comes. */
export async function admin(
  method: "POST" | "PUT" | "PATCH",
  path: string,
  body: object,
): Promise<Record<string, string>> {
  const response = await fetch(`${stack.api_url}/api/v1/admin${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${stack.tokens.admin ?? ""}`,
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
}

export async function newCoupon(name: string, listed = false): Promise<string> {
  const day = 86_400_000;
  const at = (days: number) => new Date(Date.now() + days * day).toISOString();
  const coupon = await admin("POST", "/coupons", {
    name,
    discount: { type: "PERCENT", value: 10 },
    total_quantity: 50,
    issue_starts_at: at(-1),
    issue_ends_at: at(7),
    valid_until: at(30),
    listed,
  });
  return coupon.coupon_id ?? "";
}

/** Two shipping methods for the screenshots. Once one is enabled, every order must choose one. */
export async function setMethods(enabled: boolean): Promise<void> {
  await admin("PUT", "/shipping-methods/HOME", {
    name: "Black Cat, 1 to 2 days",
    kind: "HOME",
    fee_cents: 10_000,
    free_from_cents: 150_000,
    island_surcharge_cents: 9_000,
    enabled,
    sort: 10,
  });
  await admin("PUT", "/shipping-methods/PICKUP", {
    name: "Pick it up at the shop",
    kind: "PICKUP",
    fee_cents: 0,
    enabled,
    sort: 20,
  });
}
