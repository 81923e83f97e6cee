import { expect, fillCart, goToProvider, orderButton, putInCart, signIn, signUp, test } from "./support";

test("an address that is saved at the checkout is changed in the account, and the next order goes there", async ({
  page,
}) => {
  await signUp(page);
  await fillCart(page);
  await page.getByRole("checkbox", { name: "Save this address for the next order" }).check();
  await orderButton(page).click();
  await goToProvider(page);

  await page.goto("/account");
  const saved = page.getByRole("region", { name: "Addresses" });
  await expect(saved.getByRole("listitem")).toContainText("No. 1, Mill Road, Taipei");
  await saved.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("Address", { exact: true }).fill("No. 3, Mill Road, Taipei");
  await page.getByRole("button", { name: "Save the address" }).click();
  await expect(saved.getByRole("listitem")).toContainText("No. 3, Mill Road, Taipei");

  await putInCart(page);
  await expect(page.getByRole("radio", { name: /No. 3, Mill Road/ })).toBeChecked();
  await expect(page.getByLabel("Phone")).toHaveCount(0);
  await orderButton(page).click();
  await goToProvider(page);
  await page.goto("/orders");
  await page.getByRole("link", { name: "Sun cakes" }).first().click();
  await expect(page.getByText("No. 3, Mill Road, Taipei")).toBeVisible();

  await page.goto("/account");
  await saved.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove the address" }).click();
  await expect(saved.getByText("You have no saved address.")).toBeVisible();
});

test("the language of an account is used where none was chosen", async ({ page, browser }) => {
  const email = await signUp(page, "/account");
  await page.getByRole("radio", { name: "繁體中文" }).check();
  await expect(page.getByText("已儲存。")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-TW");

  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, email);
  await expect(elsewhere.locator("html")).toHaveAttribute("lang", "zh-TW");
  await expect(elsewhere.getByRole("heading", { name: "收件地址" })).toBeVisible();
  await elsewhere.context().close();
});
