import { expect, expectAccessible, test } from "./support";
import { signInToConsole } from "./staff";

/** Every screen of the console; a link of the list opens the detail. */
const SCREENS: readonly { name: string; path: string; link?: string }[] = [
  { name: "home", path: "" },
  { name: "orders", path: "orders" },
  { name: "order", path: "orders", link: "/console/orders/" },
  { name: "to-ship", path: "fulfilment" },
  { name: "picking-list", path: "fulfilment/picking" },
  { name: "packing-slips", path: "fulfilment/slips" },
  { name: "tracking", path: "fulfilment/tracking" },
  { name: "catalog", path: "catalog" },
  { name: "product", path: "catalog", link: "/console/catalog/" },
  { name: "windows", path: "windows" },
  { name: "window", path: "windows", link: "/console/windows/" },
  { name: "batches", path: "batches" },
  { name: "batch", path: "batches", link: "/console/batches/" },
  { name: "work-orders", path: "work-orders" },
  { name: "work-order", path: "work-orders", link: "/console/work-orders/" },
  { name: "coupons", path: "coupons" },
  { name: "coupon", path: "coupons", link: "/console/coupons/" },
  { name: "customers", path: "customers" },
  { name: "customer", path: "customers", link: "/console/customers/" },
  { name: "money", path: "money" },
  { name: "outbox", path: "machine/outbox" },
  { name: "messages", path: "machine/messages" },
  { name: "audit", path: "machine/audit" },
  { name: "activity", path: "machine/activity" },
];
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
/** The folder of the pictures; without it the screens are only checked. */
const FOLDER = process.env.MILLRUN_SCREENS;

for (const language of ["en", "zh-TW"]) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test.describe(`${language}, ${size}`, () => {
      test.use({ locale: language, viewport, expected: [/404/] });
      test.setTimeout(600_000);

      test("every screen is accessible, fits and has a picture", async ({ page }) => {
        await signInToConsole(page);
        for (const { name, path, link } of SCREENS) {
          await page.goto(`/console/${path}`);
          await expect(page.locator(".ant-skeleton")).toHaveCount(0);
          if (link) {
            const first = page.locator(`main a[href^="${link}"]`).first();
            // A shop without a campaign has no page for one.
            if ((await first.count()) === 0) continue;
            await first.evaluate((anchor: HTMLAnchorElement) => anchor.click());
            await expect(page).toHaveURL(new RegExp(link));
            await expect(page.locator(".ant-skeleton")).toHaveCount(0);
          }
          await expect(page.locator("h1")).toBeVisible();
          await expectAccessible(page);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${name} is wider than the window`).toBeLessThanOrEqual(0);
          if (FOLDER) {
            await page.screenshot({ path: `${FOLDER}/console-${name}-${language}-${size}.png`, fullPage: true });
          }
        }
      });
    });
  }
}
