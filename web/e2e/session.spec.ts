import { expect, fillCart, mailedCode, PASSWORD, signUp, test } from "./support";

test("two tabs agree on who is signed in and on what is in the cart", async ({ page, context }) => {
  const other = await context.newPage();
  await other.goto("/");
  await expect(other.getByRole("link", { name: "Sign in" })).toBeVisible();
  await signUp(page);
  await expect(other.getByRole("link", { name: "Account" })).toBeVisible();
  await fillCart(page);
  await expect(other.getByRole("link", { name: /^Cart/ })).toContainText("1");
  const third = await context.newPage();
  await third.goto("/points");
  await expect(third.getByRole("heading", { name: "Points", exact: true })).toBeVisible();
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  for (const tab of [page, other, third]) await expect(tab.getByRole("link", { name: "Sign in" })).toBeVisible();
  await expect(other.getByRole("link", { name: /^Cart/ })).not.toContainText("1");
});

test("a session that ended asks to sign in and comes back to the same place", async ({ page }) => {
  const email = await signUp(page);
  await page.goto("/points");
  await expect(page.getByRole("heading", { name: "Points", exact: true })).toBeVisible();
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Points", exact: true })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/points");
});

test("nothing of one customer is there for the next", async ({ page }) => {
  const first = await signUp(page);
  await fillCart(page);
  await page.goto("/account");
  await expect(page.getByText(first)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  expect(
    await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])),
  ).not.toContain("Lin Mei");
  await signUp(page);
  await fillCartOnly(page);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("");
});

test.describe("wrong words", () => {
  test.use({ expected: /400/ });

  test("a wrong password and a forgotten one are answered in words", async ({ page }) => {
    const email = await signUp(page);
    const first = await mailedCode(email);
    await page.goto("/account");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("something else");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText("The e-mail address or the password is wrong.")).toBeVisible();
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Send the code" }).click();
    await page.getByLabel("Code").fill(await mailedCode(email, first));
    await page.getByLabel("New password").fill(`${PASSWORD}-new`);
    await page.getByRole("button", { name: "Set the new password" }).click();
    await expect(page.getByText("Your password was changed.")).toBeVisible();
  });
});

async function fillCartOnly(page: import("@playwright/test").Page): Promise<void> {
  await page.goto("/?q=Sun+cakes");
  await page.getByRole("link", { name: "Sun cakes", exact: true }).click();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.goto("/checkout");
}
