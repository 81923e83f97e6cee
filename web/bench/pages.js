/**
 * Measures both pages for P12 of docs/performance.md, and prints one line of JSON.
 *
 * `bytes`: script and style of the first load, gzip. The console's include sign-in and Home, its first screen.
 * `interactive_ms`: from the start of the navigation to the end of the last long task (50 ms or more) before the main
 * thread is quiet for a second, on a processor slowed down four times. The pages take turns with a bare React page, and
 * are served from memory, so the network counts for nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";

const WEB = join(import.meta.dirname, "..");
const [bareFolder, rounds = "5"] = process.argv.slice(2);
const FOLDERS = { "/console/": join(WEB, "console/dist"), "/bare/": bareFolder, "/": join(WEB, "shop/dist") };
const SLOWED = 4;
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };

const DAY = "2026-12-01T00:00:00Z";
const PRODUCTS = Array.from({ length: 20 }, (_, index) => ({
  product_id: `01a22bd5-1a1d-7585-b915-0000000000${10 + index}`,
  name: `Product ${index}`,
  description: "Made in a small run.",
  status: "ACTIVE",
  created_at: DAY,
  updated_at: DAY,
  variants: ["S", "M", "L"].map((size) => ({
    variant_id: `01a22bd5-1a1d-7585-b915-0000000000${10 + index}.0000000${size}`,
    product_id: `01a22bd5-1a1d-7585-b915-0000000000${10 + index}`,
    sku: `P-${index}-${size}`,
    variant_name: size,
    price_cents: 48_000,
    currency: "TWD",
    is_active: true,
    available_qty: 9,
  })),
}));
const ANSWERS = {
  "/config.json": {
    region: "us-east-1",
    userPoolId: "us-east-1_pages",
    userPoolClientId: "pages",
    shopName: "Millrun",
    currency: "TWD",
    language: "en",
    timeZone: "Asia/Taipei",
  },
  "/api/v1/products": { items: PRODUCTS },
  "/api/v1/products/best-sellers": { items: [] },
  "/api/v1/sell-windows": { items: [] },
};

function serve(request, response) {
  const path = new URL(request.url, "http://page").pathname;
  const answer = ANSWERS[path];
  if (answer) {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(answer));
    return;
  }
  const base = Object.keys(FOLDERS).find((prefix) => path.startsWith(prefix));
  const name = path.slice(base.length) || "index.html";
  try {
    const body = readFileSync(join(FOLDERS[base], name));
    response.setHeader("Content-Type", TYPES[name.split(".").at(-1)] ?? "application/octet-stream");
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** The files of `assets/` that a file imports at once, with those that they import, and itself. */
function closure(folder, names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(join(folder, name), "utf8");
    closure(
      folder,
      [...text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)].map(([, each]) => each),
      found,
    );
  }
  return found;
}

function bytes(page, screens) {
  const folder = join(WEB, page, "dist", "assets");
  const files = readdirSync(folder);
  const first = files.filter((name) => [...screens, "index"].some((screen) => name.startsWith(`${screen}-`)));
  return [...closure(folder, first)].reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
}

/** Notes when the main thread was last busy; runs in the page before its own scripts. */
function watch() {
  globalThis.busyUntil = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) globalThis.busyUntil = startTime + duration;
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      if (name === "first-contentful-paint") globalThis.paintedAt = startTime;
    }
  }).observe({ type: "paint", buffered: true });
}

async function interactive(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
  await page.addInitScript(watch);
  await page.goto(url);
  await page.locator("h1").waitFor();
  const at = await page.waitForFunction(() => {
    const { paintedAt, busyUntil } = globalThis;
    const at = Math.max(paintedAt ?? Infinity, busyUntil);
    return performance.now() - at > 1_000 && !document.querySelector("[aria-busy=true]") ? at : false;
  });
  const took = await at.jsonValue();
  await context.close();
  return took;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const server = createServer(serve).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const browser = await chromium.launch({
  executablePath: process.env.MILLRUN_CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
});
const times = { bare: [], shop: [], console: [] };
const paths = { bare: "/bare/", shop: "/", console: "/console/" };
// The first round warms the browser up.
for (let round = 0; round <= Number(rounds); round += 1) {
  for (const [name, path] of Object.entries(paths)) {
    const took = await interactive(browser, `http://127.0.0.1:${server.address().port}${path}`);
    if (round > 0) times[name].push(took);
  }
}
await browser.close();
server.close();
const figures = {
  bytes: { shop: bytes("shop", []), console: bytes("console", ["auth", "Signed", "Home", "Days"]) },
  interactive_ms: Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)])),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
