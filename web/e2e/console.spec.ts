import { delivered, expect, expectAccessible, test } from "./support";
import { choose, customer, dialog, fillSignIn, givePoints, sendTwice, signInToConsole, staffRead, tick } from "./staff";

// The console of an older shop requests routes that do not exist.
test.use({ viewport: { width: 1440, height: 900 }, expected: /404/ });
test.setTimeout(900_000);

const HOUR = 3_600_000;
const PERSON = {
  name: "Lin Mei",
  phone: "+886912345678",
  email: "lin@shop.example",
  shipping_address: "No. 1, Mill Road, Taipei",
};

/** A moment as local time in Taipei. */
function wall(distanceMs: number): string {
  return new Date(Date.now() + distanceMs + 8 * HOUR).toISOString().slice(0, 16);
}

test("an admin plays a preorder from the product to the parcel through the console alone", async ({ page }) => {
  const stamp = String(Date.now()).slice(-8);
  const product = `Enamel cup ${stamp}`;

  await signInToConsole(page, "/console/catalog");
  await page.getByRole("button", { name: "New product" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill(product);
  await choose(page, "Status", "On sale");
  await dialog(page).getByRole("button", { name: "Create the product" }).click();
  await expect(page.getByRole("heading", { name: product })).toBeVisible();
  const productId = new URL(page.url()).pathname.split("/").at(-1) ?? "";

  await page.getByRole("button", { name: "Add a variant" }).first().click();
  await dialog(page).getByLabel("Size or kind", { exact: true }).fill("White");
  await dialog(page).getByLabel("SKU", { exact: true }).fill(`CUP-${stamp}`);
  await dialog(page).getByLabel("Price", { exact: true }).fill("480");
  await expect(dialog(page).getByText("NT$ 480")).toBeVisible();
  await dialog(page).getByRole("button", { name: "Add the variant" }).click();
  await expect(page.getByRole("cell", { name: `CUP-${stamp}` })).toBeVisible();

  await page.getByRole("navigation").getByRole("link", { name: "Windows" }).click();
  await page.getByRole("button", { name: "New window" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill(`Winter ${stamp}`);
  await dialog(page).getByLabel("Begins", { exact: true }).fill(wall(-HOUR));
  await dialog(page)
    .getByLabel("Ends")
    .fill(wall(72 * HOUR));
  await dialog(page).getByRole("button", { name: "Create the window" }).click();
  await expect(page.getByRole("heading", { name: `Winter ${stamp}` })).toBeVisible();
  const windowId = new URL(page.url()).pathname.split("/").at(-1) ?? "";

  await page.getByRole("button", { name: "Add an offer" }).first().click();
  await choose(page, "Product", product);
  await dialog(page).getByLabel("Threshold", { exact: true }).fill("2");
  await dialog(page).getByLabel("Production steps", { exact: true }).fill("Cut\nEnamel");
  await expect(dialog(page).getByText("It is made from 2 reserved pieces")).toBeVisible();
  await dialog(page).getByRole("button", { name: "Save the offer" }).click();
  await expect(page.getByText("0 of 2 reserved")).toBeVisible();

  const { variants } = await staffRead<{ variants: { variant_id: string }[] }>(`/products/${productId}`, "one");
  const lines = [{ variant_id: variants[0]?.variant_id, quantity: 1 }];
  const place = { lines, sell_window_id: windowId, contact: PERSON };
  const orders = [await customer("demo", "/orders", place), await customer("other", "/orders", place)];

  const card = page.getByRole("region", { name: "To confirm" }).locator("article", { hasText: product });
  await expect(async () => {
    await page.goto("/console/batches");
    await expect(card).toBeVisible({ timeout: 30_000 });
  }).toPass({ timeout: 240_000 });
  await card.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog(page).getByText(/asked to pay for 2 pieces until/)).toBeVisible();
  await expectAccessible(page);
  expect(await sendTwice(page, /^Ask /, /\/confirm$/)).toBe(1);
  await expect(page.getByText("The batch is confirmed")).toBeVisible();

  for (const [index, who] of (["demo", "other"] as const).entries()) {
    await givePoints(who, 100_000);
    await expect(async () => {
      await customer(who, "/payments", { order_id: orders[index]?.order_id, method: "POINTS" });
    }).toPass({ timeout: 240_000 });
  }
  await expect(async () => {
    await page.goto(`/console/batches/${windowId}.${productId}`);
    await expect(page.getByRole("listitem").filter({ hasText: /^Paid.*2 orders/ })).toBeVisible({ timeout: 30_000 });
  }).toPass({ timeout: 240_000 });
  await tick("finalize_batches", new Date(Date.now() + 73 * HOUR));

  await page.goto(`/console/work-orders/${windowId}.${productId}`);
  await page.getByRole("button", { name: "Start" }).click();
  await dialog(page).getByLabel("Operator", { exact: true }).fill("Wei");
  await dialog(page).getByRole("button", { name: "Start production" }).click();
  await expect(page.getByText("Production has started.")).toBeVisible();
  const todo = page.getByRole("region", { name: "To do" });
  for (const left of [1, 0]) {
    await todo.getByRole("button", { name: "Done" }).first().click();
    await expect(todo.locator("article")).toHaveCount(left);
  }
  await page.getByRole("button", { name: "Complete" }).click();
  await dialog(page).getByRole("button", { name: "Send the orders to fulfilment" }).click();
  await expect(page.getByText("Production is complete")).toBeVisible();

  const numbers = orders.map(({ order_no }) => String(order_no));
  await expect(async () => {
    await page.goto(`/console/orders?order_no=${numbers[1] ?? ""}`);
    await expect(page.getByRole("row", { name: numbers[1] ?? "" }).getByText("To ship")).toBeVisible({
      timeout: 30_000,
    });
  }).toPass({ timeout: 240_000 });
  await page.goto("/console/fulfilment/tracking");
  await page
    .getByLabel("Tracking numbers")
    .last()
    .fill([...numbers.map((no, index) => `${no}\tBlack Cat\t905-${index}`), "261130-AAAAA-AAAAA\tHCT\t1"].join("\n"));
  await page.getByRole("button", { name: "Ship 3 orders" }).click();
  await dialog(page).getByRole("button", { name: "Mark 3 as shipped" }).click();
  await expect(page.getByRole("heading", { name: "2 shipped, 1 refused" })).toBeVisible();
  await expect(page.getByRole("row", { name: "261130-AAAAA-AAAAA" }).getByText("does not exist")).toBeVisible();

  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type(numbers[0] ?? "");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: numbers[0] ?? "" })).toBeVisible();
  await expect(page.getByText("905-0")).toBeVisible();
  await page.locator("h1").click();
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
});

test("a session that ended asks to sign in and comes back to the same filters", async ({ page }) => {
  await signInToConsole(page, "/console/orders?status=SHIPPING_SCHEDULED");
  await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await fillSignIn(page);
  await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
  expect(new URL(page.url()).search).toBe("?status=SHIPPING_SCHEDULED");
  await expect(page.getByTitle("To ship").first()).toBeVisible();
});

test.describe("a lost connection", () => {
  test.use({ expected: /404|ERR_/ });

  test("sends a command again under the same key", async ({ page }) => {
    await signInToConsole(page, "/console/catalog");
    const keys: (string | undefined)[] = [];
    await page.route("**/api/v1/admin/products", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      keys.push(route.request().headers()["idempotency-key"]);
      // The shop executes the first request, but its response is lost.
      if (keys.length === 1) {
        await delivered(route.request());
        return route.abort("connectionreset");
      }
      return route.continue();
    });
    const name = `Lost and found ${Date.now()}`;
    await page.getByRole("button", { name: "New product" }).click();
    await dialog(page).getByLabel("Name", { exact: true }).fill(name);
    await choose(page, "Status", "On sale");
    await dialog(page).getByRole("button", { name: "Create the product" }).click();
    await expect(page.getByRole("heading", { name })).toBeVisible();
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    await page.goto(`/console/catalog?q=${encodeURIComponent(name)}`);
    await expect(page.getByRole("link", { name })).toHaveCount(1);
  });
});

test.describe("a shop that does not answer", () => {
  test.use({ expected: /404|502|ERR_|Failed to load resource/ });

  test("is waited for in words, and asked again by itself and by hand", async ({ page }) => {
    let isDown = true;
    await page.route("**/api/v1/admin/orders*", (route) =>
      isDown ? route.fulfill({ status: 502, contentType: "text/html", body: "<h1>502</h1>" }) : route.continue(),
    );
    await signInToConsole(page, "/console/orders");
    await expect(page.getByText("The shop is slow to respond.")).toBeVisible();
    await expect(page.getByRole("alert").getByText("The shop is very busy right now.")).toBeVisible();
    await expect(page.locator(".ant-skeleton")).toHaveCount(0);
    isDown = false;
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("region", { name: "Orders" })).toBeVisible();
    await expect(page.getByText("The shop is slow to respond.")).toBeHidden();
  });

  test("does not end the session of a page that is loaded meanwhile", async ({ page }) => {
    let isDown = false;
    await page.route("**/console/assets/auth-*.js", (route) => (isDown ? route.abort() : route.continue()));
    await signInToConsole(page, "/console/machine/audit");
    isDown = true;
    await page.reload();
    await expect(page.getByText("The shop is slow to respond.")).toBeVisible();
    isDown = false;
    await expect(page.getByRole("heading", { name: "System" })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe("/console/machine/audit");
  });
});
