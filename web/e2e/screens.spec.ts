import type { Page } from "@playwright/test";
import { DRAWN_LANGUAGES, look, lookInTheDark } from "./look";
import { SHOP_SCREENS } from "./screens";
import {
  expect,
  fillContact,
  goToProvider,
  newCoupon,
  orderButton,
  setMethods,
  signUp,
  stack,
  test,
  topUp,
} from "./support";
import { addPicture, openWindow } from "./windows";

test.beforeAll(() => setMethods(true));
test.afterAll(() => setMethods(false));

/** One long flow through every screen; each is checked in light and dark mode. */
test("every screen of the shop page @screens", async ({ page }) => {
  test.setTimeout(600_000);
  const { windowId, productId } = await openWindow("Hand-sewn wool coat", 50);
  await addPicture(productId, "wool-coat", "A rust-red wool coat with three buttons on a hanger");
  const coupon = await newCoupon("A tenth off");
  await newCoupon("Tea friends", true);
  await visit(page, "sign-in", "/sign-in");
  await visit(page, "sign-up", "/sign-up");
  await visit(page, "forgot", "/forgot");
  await signUp(page);
  await visit(page, "coupon", `/coupons/${coupon}`);
  await page.getByRole("button", { name: "Get this coupon" }).click();
  await expect(page.getByRole("heading", { name: "It is yours" })).toBeVisible();
  await visit(page, "coupons", "/coupons");
  await topUp(page);
  await visit(page, "points", "/points");
  await visit(page, "catalogue", "/");
  await visit(page, "window", `/windows/${windowId}/${productId}`);
  await page.getByRole("button", { name: "Reserve, pay later" }).click();
  await fillContact(page);
  await page.getByLabel("Postal code", { exact: true }).fill("100");
  await page.getByRole("checkbox", { name: "Save this address for the next order" }).check();
  await shoot(page, "reserve");
  await page.getByRole("button", { name: "Reserve, pay later" }).click();
  await expect(page.getByRole("heading", { name: /^Order / })).toBeVisible();
  await visit(page, "account", "/account");
  await page.goto("/?q=High-mountain+oolong");
  await page.getByRole("link", { name: "High-mountain oolong", exact: true }).click();
  await expect(page.getByRole("heading", { name: "High-mountain oolong" })).toBeVisible();
  await shoot(page, "product");
  await page.getByRole("button", { name: "Add to cart" }).click();
  await visit(page, "cart", "/cart");
  await page.goto("/checkout");
  await page.getByLabel("Postal code", { exact: true }).fill("100");
  await expect(orderButton(page)).toBeEnabled();
  await shoot(page, "checkout");
  await orderButton(page).click();
  await goToProvider(page);
  await page.goto("/orders");
  await page.getByRole("link", { name: /^Pay NT/ }).click();
  await expect(page.getByRole("button", { name: /^Pay NT/ })).toBeVisible();
  await shoot(page, "order");
  await visit(page, "orders", "/orders");
  expect([...drawn].sort()).toEqual(Object.keys(SHOP_SCREENS).sort());
});

const drawn = new Set<string>();

async function visit(page: Page, name: string, path: string): Promise<void> {
  await page.goto(stack.shop_url + path);
  await shoot(page, name);
}

async function shoot(page: Page, name: string): Promise<void> {
  drawn.add(name);
  for (const language of DRAWN_LANGUAGES) {
    await page.locator("header select").selectOption(language);
    await look(page, `shop/${name}`, language);
  }
  await page.locator("header select").selectOption("en");
  await lookInTheDark(page, `shop/${name}`);
}
