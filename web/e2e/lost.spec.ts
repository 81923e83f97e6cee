import { delivered, expect, fillCart, orderButton, signUp, test } from "./support";

test.use({ expected: /Failed to load resource/ });

test("an order whose answer is lost is asked for again under its key, also after a reload, and is made once", async ({
  page,
}) => {
  const keys = new Set<string>();
  let isLost = true;
  await page.route("**/api/v1/orders", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.add(route.request().headers()["idempotency-key"] ?? "");
    if (!isLost) return route.continue();
    // The shop creates the order, but its response never arrives.
    await delivered(route.request());
    return route.abort("connectionreset");
  });
  await signUp(page);
  await fillCart(page);
  await orderButton(page).click();
  await expect(page.getByText("The shop cannot be reached.")).toBeVisible({ timeout: 60_000 });
  isLost = false;
  await page.reload();
  await expect(page.getByRole("heading", { name: /^Order / })).toBeVisible();
  await page.goto("/orders");
  await expect(page.getByRole("listitem").filter({ hasText: "Sun cakes" })).toHaveCount(1);
  expect(keys.size).toBe(1);
});

test("a busy shop is waited for without a second click", async ({ page }) => {
  let times = 0;
  await page.route(/\/api\/v1\/products\?q=/, (route) => {
    times += 1;
    return times > 2 ? route.continue() : route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "" });
  });
  await page.goto("/?q=Sun+cakes");
  await expect(page.getByRole("link", { name: "Sun cakes", exact: true })).toBeVisible();
  expect(times).toBe(3);
});

test("a page without a connection says so, and goes on by itself when it is back", async ({ page, context }) => {
  await page.goto("/?q=Sun+cakes");
  await expect(page.getByRole("link", { name: "Sun cakes", exact: true })).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("You are offline.")).toBeHidden();
});
