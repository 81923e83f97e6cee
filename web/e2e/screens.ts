import { readdirSync } from "node:fs";

/** The shop page's screens, by the route they are drawn at; a unit test compares the list with App.tsx. */
export const SHOP_SCREENS: Record<string, string> = {
  catalogue: "/",
  product: "/products/:id",
  window: "/windows/:windowId/:productId",
  reserve: "/windows/:windowId/:productId/reserve",
  cart: "/cart",
  checkout: "/checkout",
  "sign-in": "/sign-in",
  "sign-up": "/sign-up",
  forgot: "/forgot",
  orders: "/orders",
  order: "/orders/:id",
  coupons: "/coupons",
  coupon: "/coupons/:id",
  points: "/points",
  account: "/account",
};

/** The console's screens, by the route they are drawn at; a unit test compares the list with screens.tsx. */
export const CONSOLE_SCREENS: Record<string, string> = {
  home: "/",
  orders: "/orders",
  order: "/orders/:id",
  "to-ship": "/fulfilment",
  "picking-list": "/fulfilment/picking",
  "packing-slips": "/fulfilment/slips",
  tracking: "/fulfilment/tracking",
  catalog: "/catalog",
  product: "/catalog/:id",
  windows: "/windows",
  window: "/windows/:id",
  batches: "/batches",
  batch: "/batches/:id",
  "work-orders": "/work-orders",
  "work-order": "/work-orders/:id",
  coupons: "/coupons",
  coupon: "/coupons/:id",
  delivery: "/delivery",
  customers: "/customers",
  customer: "/customers/:id",
  money: "/money",
  outbox: "/machine/outbox",
  messages: "/machine/messages",
  audit: "/machine/audit",
  activity: "/machine/activity",
};

/** The screens that are drawn in dark colors, too, in English. All are checked in them. */
export const DARK: Record<"shop" | "console", readonly string[]> = {
  shop: ["catalogue", "product", "window", "cart", "checkout", "orders", "order"],
  console: ["home", "orders", "order", "catalog", "batch"],
};

export const LANGUAGES = ["en", "zh-TW"] as const;
export const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 360, height: 780 } };

/** The mails that the messages' golden files have. */
export const MAILS = new URL("../../shared/messages/golden/mail/", import.meta.url);

/** The names of the mails: each in both languages. */
export function mails(): string[] {
  return readdirSync(MAILS).map((name) => name.replace(/\.html$/, ""));
}

/** The names of a page's screenshots, in docs/screens. */
export function screenshots(page: "shop" | "console"): string[] {
  const names = Object.keys(page === "shop" ? SHOP_SCREENS : CONSOLE_SCREENS);
  const light = names.flatMap((name) => LANGUAGES.map((language) => `${name}-${language}`));
  const dark = DARK[page].map((name) => `${name}-en-dark`);
  return [...light, ...dark].flatMap((name) => Object.keys(SIZES).map((size) => `${page}/${name}-${size}.jpg`));
}
