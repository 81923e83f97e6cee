import react from "@vitejs/plugin-react";
import type { UserConfig } from "vite";

/** Where the running shop is, for `npm run dev`: the address that `make up` prints. */
const SHOP = process.env.MILLRUN_URL ?? "http://127.0.0.1:4566";

export function page(base: string): UserConfig {
  return {
    base,
    plugins: [react()],
    build: { target: "es2023", modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
    server: {
      proxy: {
        "/api": { target: SHOP, changeOrigin: true },
        "/media": { target: SHOP, changeOrigin: true },
        "/config.json": { target: SHOP, changeOrigin: true },
      },
    },
  };
}
