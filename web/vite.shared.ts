import react from "@vitejs/plugin-react";
import type { UserConfig } from "vite";

/** The running shop for `npm run dev`; the host name identifies its distribution (tools/local/stack.py). */
const SHOP = process.env.MILLRUN_URL ?? "http://127.0.0.1:4566";
const proxied = { target: SHOP, headers: { host: "shop.cloudfront.localhost" } };

export function page(base: string): UserConfig {
  return {
    base,
    plugins: [react()],
    build: { target: "es2023", modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
    server: {
      proxy: {
        "/api": proxied,
        "/media": proxied,
        "/config.json": proxied,
      },
    },
  };
}
