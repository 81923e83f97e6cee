import { expect, fillCart, goToProvider, newCoupon, orderButton, signUp, stack, test, topUp } from "./support";

test("an order with a coupon is paid with points, and followed to the packing", async ({ page }) => {
  const name = `Tea friends ${Date.now()}`;
  await newCoupon(name, true);
  await signUp(page, "/coupons");
  const campaign = page
    .getByRole("region", { name: "Available coupons" })
    .getByRole("listitem")
    .filter({ hasText: name });
  await expect(async () => {
    // The list is a few seconds old.
    await page.reload();
    await expect(campaign).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await campaign.getByRole("button", { name: "Get this coupon" }).click();
  await expect(campaign.getByText("It is yours")).toBeVisible();
  await expect(page.getByRole("region", { name: "My coupons" }).getByText(name)).toBeVisible();
  await topUp(page);
  await fillCart(page);
  await page.getByRole("radio", { name: /Tea friends/ }).check();
  await page.getByRole("radio", { name: /^Points/ }).check();
  await expect(page.getByText("−NT$ 36", { exact: true })).toBeVisible();
  await orderButton(page).click();
  await expect(page.getByRole("heading", { name: /^Order / })).toBeVisible();
  await expect(
    page.getByText("It is paid. The shop is packing it.").or(page.getByText("It is being packed.")),
  ).toBeVisible();
  await page.goto("/coupons");
  await expect(page.getByText("used", { exact: true })).toBeVisible();
});

test("a refused payment is said in words, and the order is paid at another provider", async ({ page }) => {
  await signUp(page);
  await fillCart(page);
  await orderButton(page).click();
  await goToProvider(page);
  await page.locator("button[value=fail]").click();
  // The provider sends the browser back to the order.
  await expect(page.getByRole("heading", { name: "The payment did not go through" })).toBeVisible();
  await page.getByRole("radio", { name: /NewebPay/ }).check();
  await page.getByRole("button", { name: /^Pay NT/ }).click();
  await goToProvider(page);
  await page.locator("button[value=pay]").click();
  await expect(
    page.getByText("It is paid. The shop is packing it.").or(page.getByText("It is being packed.")),
  ).toBeVisible();
});

test("a product is found by its name, and the address of its order is corrected", async ({ page }) => {
  await signUp(page);
  await page.goto("/");
  await page.getByRole("searchbox", { name: "Search" }).fill("sun ca");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\?q=sun\+ca$/);
  await expect(page.getByRole("heading", { level: 3 })).toHaveText(["Sun cakes"]);
  await page.getByLabel("Sort", { exact: true }).selectOption("price_desc");
  await expect(page).toHaveURL(/sort=price_desc/);
  await fillCart(page);
  await orderButton(page).click();
  await goToProvider(page);
  await page.goto("/orders");
  await page.getByRole("link", { name: "Sun cakes" }).click();
  await expect(page.getByText("No. 1, Mill Road, Taipei")).toBeVisible();
  await page.getByRole("button", { name: "Correct name, phone or address" }).click();
  await page.getByLabel("Address", { exact: true }).fill("No. 2, Mill Road, Taipei");
  await page.getByRole("button", { name: "Save the contact" }).click();
  await expect(page.getByText("No. 2, Mill Road, Taipei")).toBeVisible();
});

test("two clicks make one order", async ({ page }) => {
  await signUp(page);
  await topUp(page);
  await fillCart(page);
  await page.getByRole("radio", { name: /^Points/ }).check();
  await orderButton(page).dblclick();
  await expect(page.getByRole("heading", { name: /^Order / })).toBeVisible();
  await page.goto("/orders");
  await expect(page.getByRole("listitem").filter({ hasText: "Sun cakes" })).toHaveCount(1);
});

test("the way back from a provider leads to the order", async ({ page }) => {
  await signUp(page);
  await fillCart(page);
  await orderButton(page).click();
  await goToProvider(page);
  for (let back = 0; back < 4 && !page.url().startsWith(`${stack.shop_url}/orders/`); back += 1) await page.goBack();
  await expect(page.getByRole("button", { name: /^Pay NT/ })).toBeVisible();
  await page.goto("/cart");
  await expect(page.getByRole("heading", { name: "Your cart is empty" })).toBeVisible();
});
