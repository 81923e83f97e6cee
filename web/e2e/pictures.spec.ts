import { choose, dialog, signInToConsole } from "./staff";
import { expect, expectAccessible, test } from "./support";

// The console of an older shop requests routes that do not exist.
test.use({ viewport: { width: 1440, height: 900 }, expected: /404/ });

/** A PNG of one pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("an admin uploads pictures of a product, describes them, changes their order and removes one", async ({
  page,
}) => {
  const name = `Painted bowl ${Date.now()}`;
  await signInToConsole(page, "/console/catalog");
  await page.getByRole("button", { name: "New product" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill(name);
  await choose(page, "Status", "On sale");
  await dialog(page).getByRole("button", { name: "Create the product" }).click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
  const pictures = page.locator(".pictures li");
  const upload = page.locator('input[type="file"]');
  await upload.setInputFiles({ name: "bowl.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg/>") });
  await expect(page.getByText("This file is not a JPEG, PNG, WebP or AVIF picture.")).toBeVisible();
  const buffer = Buffer.from(PNG, "base64");
  await upload.setInputFiles([
    { name: "front.png", mimeType: "image/png", buffer },
    { name: "back.png", mimeType: "image/png", buffer },
  ]);
  await expect(pictures).toHaveCount(2);
  await expectAccessible(page);
  await pictures.nth(1).getByRole("button", { name: "Describe" }).click();
  await dialog(page).getByLabel("Description", { exact: true }).fill("The back");
  await dialog(page).getByRole("button", { name: "Save the description" }).click();
  await expect(pictures.nth(1).getByText("The back")).toBeVisible();
  await pictures.nth(1).getByRole("button", { name: "Move forward" }).click();
  await expect(pictures.nth(0).getByText("The back")).toBeVisible();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await page.goto(`/products/${id}`);
  const shown = page.getByRole("img", { name: "The back" });
  await expect(shown).toBeVisible();
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  await expectAccessible(page);
  await page.goto(`/console/catalog/${id}`);
  await pictures.nth(1).getByRole("button", { name: "Remove" }).click();
  await dialog(page).getByRole("button", { name: "Remove the picture" }).click();
  await expect(pictures).toHaveCount(1);
});
