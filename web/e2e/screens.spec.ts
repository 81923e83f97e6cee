import { mkdirSync } from "node:fs";
import type { Page } from "@playwright/test";
import { SCREENS } from "./screens";
import { expect, expectAccessible, fillContact, newCoupon, orderButton, signUp, stack, test } from "./support";
import { openWindow } from "./windows";

const FOLDER = new URL("../../docs/screens/shop/", import.meta.url).pathname;
const WIDTHS = { phone: { width: 360, height: 780 }, desk: { width: 1280, height: 860 } };
const LANGUAGES = ["en", "zh-TW"] as const;

/** One long story through every screen; axe looks at each of them in light and dark. */
test("every screen @screens", async ({ page }) => {
  test.setTimeout(600_000);
  mkdirSync(FOLDER, { recursive: true });
  const { windowId, productId } = await openWindow("Hand-sewn wool coat", 50);
  const coupon = await newCoupon("A tenth off");
  await visit(page, "sign-in", "/sign-in");
  await visit(page, "sign-up", "/sign-up");
  await visit(page, "forgot", "/forgot");
  await signUp(page);
  await visit(page, "coupon", `/coupons/${coupon}`);
  await page.getByRole("button", { name: "Take this coupon" }).click();
  await expect(page.getByRole("heading", { name: "It is yours" })).toBeVisible();
  await visit(page, "coupons", "/coupons");
  await page.goto("/points");
  await page.getByRole("button", { name: /^Top up NT/ }).click();
  await expect(page.getByText("Done. You have")).toBeVisible();
  await visit(page, "points", "/points");
  await visit(page, "account", "/account");
  await visit(page, "catalogue", "/");
  await visit(page, "window", `/windows/${windowId}/${productId}`);
  await page.getByRole("button", { name: "Reserve, pay later" }).click();
  await fillContact(page);
  await shoot(page, "reserve");
  await page.getByRole("button", { name: "Reserve, pay later" }).click();
  await expect(page.getByRole("heading", { name: /^Order / })).toBeVisible();
  await page.goto("/");
  await page.getByRole("link", { name: "High-mountain oolong", exact: true }).click();
  await expect(page.getByRole("heading", { name: "High-mountain oolong" })).toBeVisible();
  await shoot(page, "product");
  await page.getByRole("button", { name: "Put in the cart" }).click();
  await visit(page, "cart", "/cart");
  await visit(page, "checkout", "/checkout");
  await orderButton(page).click();
  await expect(page.locator("button[value=pay]")).toBeVisible();
  await page.goto("/orders");
  await page.getByRole("link", { name: /^Pay NT/ }).click();
  await expect(page.getByRole("button", { name: /^Pay NT/ })).toBeVisible();
  await shoot(page, "order");
  await visit(page, "orders", "/orders");
  expect([...drawn].sort()).toEqual(Object.keys(SCREENS).sort());
});

const drawn = new Set<string>();

async function visit(page: Page, name: string, path: string): Promise<void> {
  await page.goto(stack.shop_url + path);
  await shoot(page, name);
}

async function shoot(page: Page, name: string): Promise<void> {
  drawn.add(name);
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  for (const language of LANGUAGES) {
    await page.locator("header select").selectOption(language);
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      await page.setViewportSize(viewport);
      await expectFits(page);
      await page.screenshot({
        path: `${FOLDER}${name}-${language}-${width}.jpg`,
        fullPage: true,
        type: "jpeg",
        quality: 70,
      });
    }
    await expectAccessible(page);
  }
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator("header select").selectOption("en");
}

/** Nothing is wider than the screen. */
async function expectFits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `how many pixels ${page.url()} is too wide`).toBeLessThanOrEqual(0);
}
