import { readFileSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** What `make up` and the end-to-end tests write of a running stack. */
interface Stack {
  shop_url: string;
}

const path = process.env.MILLRUN_STACK;
if (!path) throw new Error("MILLRUN_STACK is not set: run the browser's flows with make pages or make screens");
const stack = JSON.parse(readFileSync(path, "utf8")) as Stack;

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // A flaky test is a bug: nothing is tried again.
  retries: 0,
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    baseURL: stack.shop_url,
    locale: "en-GB",
    timezoneId: "Asia/Taipei",
    viewport: { width: 360, height: 780 },
    actionTimeout: 20_000,
    trace: "retain-on-failure",
    launchOptions: {
      ...(process.env.MILLRUN_CHROMIUM ? { executablePath: process.env.MILLRUN_CHROMIUM } : {}),
      // It opens our own pages only, and a root's browser starts in no other way.
      args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
    },
  },
});
