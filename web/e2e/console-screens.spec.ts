import type { Page } from "@playwright/test";
import { DRAWN_LANGUAGES, look, lookInTheDark } from "./look";
import { CONSOLE_SCREENS } from "./screens";
import { signInToConsole, staffRead } from "./staff";
import { admin, expect, newCoupon, test } from "./support";

/** The link that opens a detail: the first item of its list, or the item that was created for it. */
async function ids(): Promise<Record<string, string>> {
  const coupon = await newCoupon("A tenth off");
  // Customers cannot choose it, so that it does not affect the orders of other tests.
  const parcel = { name: "Large parcel, 3 days", kind: "HOME", fee_cents: 22_000, enabled: false, sort: 30 };
  await admin("PUT", "/shipping-methods/LARGE", parcel);
  const [order] = await staffRead<{ order_id: string }>("/admin/orders?kind=PREORDER&limit=1");
  const { customer_id } = await staffRead<{ customer_id: string }>(`/admin/orders/${order?.order_id ?? ""}`, "one");
  return { "/orders/:id": order?.order_id ?? "", "/coupons/:id": coupon, "/customers/:id": customer_id };
}

/** Lists that open with what is wrong, of which there is nothing in the demo. */
const FILTERED: Record<string, string> = { "/machine/messages": "?status=SENT" };

for (const language of DRAWN_LANGUAGES) {
  test.describe(language, () => {
    // Parts of the console stand on routes that this shop may not have, and a busy shop is asked again.
    test.use({ locale: language, expected: /404|50[234]/ });

    test(`every screen of the console in ${language} @screens`, async ({ page }) => {
      test.setTimeout(900_000);
      const known = await ids();
      await signInToConsole(page);
      for (const [name, route] of Object.entries(CONSOLE_SCREENS)) {
        const list = route.replace("/:id", "");
        await open(page, `/console${route.replace(":id", known[route] ?? "")}${FILTERED[route] ?? ""}`);
        if (route.endsWith("/:id") && known[route] === undefined) {
          const first = page.locator(`main a[href^="/console${list}/"]`).first();
          await first.evaluate((anchor: HTMLAnchorElement) => {
            anchor.click();
          });
          await expect(page).toHaveURL(new RegExp(`${list}/.`));
        }
        await expect(page.locator("h1")).toBeVisible();
        await look(page, `console/${name}`, language);
        if (language === "en") await lookInTheDark(page, `console/${name}`);
      }
    });
  });
}

/** Opens a screen of the loaded page as its links do, without loading the page again. */
async function open(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
  }, path);
}
