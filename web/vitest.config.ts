import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "happy-dom", include: ["{api,shop,console}/test/**/*.test.{ts,tsx}"], restoreMocks: true },
});
