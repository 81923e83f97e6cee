import { expect, fillContact, signUp, test } from "./support";
import { openWindow } from "./windows";

test("a piece is reserved without paying, and the order says what it waits for", async ({ page }) => {
  const { windowId, productId } = await openWindow("Hand-sewn wool coat", 50);
  await signUp(page, `/windows/${windowId}/${productId}`);
  await expect(page.getByText("0 of 50 reserved")).toBeVisible();
  await page.getByRole("radio", { name: "M" }).check();
  await page.getByRole("button", { name: "One more" }).click();
  await page.getByRole("button", { name: "Reserve, pay later" }).click();
  await fillContact(page);
  await page.getByRole("button", { name: "Reserve, pay later" }).click();
  await expect(page.getByText("It waits until enough pieces are reserved.")).toBeVisible();
  await expect(page.getByText("2 of 50 reserved, including yours")).toBeVisible();
  await page.getByRole("button", { name: "Cancel this order" }).click();
  await page.getByRole("button", { name: "Yes, cancel it" }).click();
  await expect(page.getByRole("heading", { name: "This order has ended" })).toBeVisible();
});
