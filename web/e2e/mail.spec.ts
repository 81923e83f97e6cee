import { expect, test } from "@playwright/test";
import { mails, MAILS } from "./screens";

const FOLDER = process.env.MILLRUN_SCREENS;
/** A mail's text is no wider than this. */
const VIEWPORT = { width: 640, height: 320 };

/** Every mail, as the golden files of the messages have it; they need no stack. */
test("every mail in both languages @screens", async ({ page }) => {
  await page.setViewportSize(VIEWPORT);
  for (const name of mails()) {
    await page.goto(new URL(`${name}.html`, MAILS).href);
    expect(await page.title(), `the subject of ${name}`).not.toBe("");
    // A mail program shows the subject above the mail.
    await page.evaluate(() => {
      const subject = document.createElement("h1");
      subject.textContent = document.title;
      subject.style.fontSize = "1.25em";
      document.body.prepend(subject);
    });
    if (!FOLDER) continue;
    await page.screenshot({ path: `${FOLDER}/mail/${name}.jpg`, fullPage: true, type: "jpeg", quality: 60 });
  }
});
