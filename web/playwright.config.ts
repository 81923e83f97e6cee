import { readFileSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** The description of a running stack, which `make up` and the end-to-end tests write. */
interface Stack {
  shop_url: string;
}

const path = process.env.MILLRUN_STACK;
if (!path) throw new Error("MILLRUN_STACK is not set: run the browser's flows with make pages or make screens");
const stack = JSON.parse(readFileSync(path, "utf8")) as Stack;

export default defineConfig({
  testDir: "e2e",
  outputDir: "../.local/pages",
  // No retries: a flaky test is a bug.
  retries: 0,
  // The flows are independent of each other: each has its own customers and products.
  fullyParallel: true,
  workers: 2,
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
      // It opens only our own pages, and Chromium does not start as root with its sandbox.
      args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server", "--force-device-scale-factor=1"],
    },
  },
});
