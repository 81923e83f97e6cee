import { dialog, signInToConsole } from "./staff";
import { admin, expect, fillContact, goToProvider, orderButton, putInCart, signUp, test } from "./support";

const METHOD = { name: "Parcel, 1 to 2 days", kind: "HOME", fee_cents: 8_000, sort: 1 };

// Once a method is enabled, every order must choose one, so this flow runs after all others (package.json).
test.beforeAll(() => setMethod(false));
test.afterAll(() => setMethod(false));

async function setMethod(enabled: boolean): Promise<void> {
  await admin("PUT", "/shipping-methods/FLOW", { ...METHOD, enabled });
}

test("an admin sets the fee of a delivery, and a customer's order has it in its total @alone", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 860 });
  await signInToConsole(page, "/console/delivery");
  const method = page.getByRole("row").filter({ hasText: "FLOW" });
  await method.getByRole("button", { name: "Change" }).click();
  await dialog(page).getByLabel("Fee", { exact: true }).fill("100");
  await dialog(page).getByLabel("Outlying islands", { exact: true }).fill("90");
  await dialog(page).getByRole("button", { name: "Save the method" }).click();
  await expect(method.getByText("NT$ 100")).toBeVisible();
  await method.getByRole("button", { name: "Show" }).click();
  await expect(dialog(page).getByText("from now on every order has to choose a method")).toBeVisible();
  await dialog(page).getByRole("button", { name: "Show it to customers" }).click();
  await expect(method.getByText("Can be chosen")).toBeVisible();

  await page.setViewportSize({ width: 360, height: 780 });
  await signUp(page);
  await putInCart(page);
  const chosen = page.getByRole("radio", { name: /^Parcel, 1 to 2 days/ });
  await expect(async () => {
    // The shop notices a change within seconds.
    await page.reload();
    await expect(chosen).toBeChecked({ timeout: 3_000 });
  }).toPass();
  await fillContact(page);
  await page.getByLabel("Postal code", { exact: true }).fill("880");
  await expect(page.getByRole("button", { name: "Order and pay NT$ 550" })).toBeVisible();
  await orderButton(page).click();
  await goToProvider(page);
  await page.goto("/orders");
  await page.getByRole("link", { name: "Sun cakes" }).click();
  const lines = page.getByRole("region", { name: "Items" });
  await expect(lines.getByText("Delivery · Parcel, 1 to 2 days")).toBeVisible();
  await expect(lines.getByText("NT$ 190", { exact: true })).toBeVisible();
});
