/** Checks that a screen is accessible and no wider than the window, or draws it into docs/screens. */
import { expect, type Page } from "@playwright/test";
import { DARK, LANGUAGES, SIZES } from "./screens";
import { expectAccessible } from "./support";

/** Where the screenshots go. Without it the screens are checked, in one language at a phone's width. */
const FOLDER = process.env.MILLRUN_SCREENS;
export const DRAWN_LANGUAGES = FOLDER ? LANGUAGES : (["en"] as const);
/** A busy shop gets four requests. */
const READ_MS_MAX = 60_000;
/** A long list is cut. */
const HEIGHT_MAX = 2_400;

/** Checks or draws the open screen, in its current language. */
export async function look(page: Page, path: string, language: string): Promise<void> {
  await expect(page.locator("[aria-busy=true], .ant-skeleton, .ant-btn-loading")).toHaveCount(0, {
    timeout: READ_MS_MAX,
  });
  if (!FOLDER) {
    await page.setViewportSize(SIZES.phone);
    await expectFits(page);
    return expectAccessible(page);
  }
  await draw(page, `${FOLDER}/${path}-${language}`);
}

/** Draws the screen at each width. */
async function draw(page: Page, file: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await expectFits(page);
    await loadPictures(page);
    const height = Math.min(HEIGHT_MAX, await page.evaluate(() => document.documentElement.scrollHeight));
    await page.screenshot({
      path: `${file}-${size}.jpg`,
      fullPage: true,
      clip: { x: 0, y: 0, width: viewport.width, height: Math.max(height, viewport.height) },
      type: "jpeg",
      quality: 60,
      animations: "disabled",
    });
  }
}

/** Dark colors are held to the same contrast, and some screens are drawn in them. */
export async function lookInTheDark(page: Page, path: string): Promise<void> {
  const [area, name = ""] = path.split("/") as [keyof typeof DARK, string?];
  if (FOLDER && !DARK[area].includes(name)) return;
  await page.emulateMedia({ colorScheme: "dark" });
  // The console sets this attribute when all of it has changed.
  await expect(page.locator("html:not([data-dark=false])")).toHaveCount(1);
  if (FOLDER) await draw(page, `${FOLDER}/${path}-en-dark`);
  else await expectAccessible(page, ["color-contrast"]);
  await page.emulateMedia({ colorScheme: "light" });
  await expect(page.locator("html:not([data-dark=true])")).toHaveCount(1);
}

/** Loads the pictures below the window, too, which a reader would scroll to. */
async function loadPictures(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      [...document.images].map((image) => {
        image.loading = "eager";
        return image.decode().catch(() => undefined);
      }),
    ),
  );
}

/** The layout follows a change of the window's width within a moment. */
async function expectFits(page: Page): Promise<void> {
  const beyond = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const message = `how many pixels ${page.url()} is too wide`;
  await expect.poll(() => page.evaluate(beyond), { message }).toBeLessThanOrEqual(0);
}
