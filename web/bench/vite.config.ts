import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: `${import.meta.dirname}/bare`,
  base: "/bare/",
  plugins: [react()],
  build: { target: "es2023", modulePreload: { polyfill: false }, emptyOutDir: true, reportCompressedSize: false },
});
