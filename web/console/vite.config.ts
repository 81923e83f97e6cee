import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { page } from "../vite.shared.ts";

const SHEETS = JSON.stringify(fileURLToPath(new URL("src/kit/sheets.ts", import.meta.url)));

/** See src/kit/sheets.ts. Ant's icons have their own copy of the function. */
const antStyles: Plugin = {
  name: "ant-styles-as-constructed-sheets",
  enforce: "pre",
  load(id) {
    if (/@rc-component\/util\/(es|lib)\/Dom\/dynamicCSS\.js$/.test(id)) return `export * from ${SHEETS}`;
    return undefined;
  },
  transform(code, id) {
    if (!/@ant-design\/icons\/es\/cssUtils\.js$/.test(id)) return undefined;
    const own = "export function updateCSS(";
    if (!code.includes(own))
      this.error(`${id} has no updateCSS any more: where do Ant's icons write their styles now?`);
    return `${code.replace(own, "function updateStyleElement(")}\nexport { updateCSS } from ${SHEETS};`;
  },
};

const shared = page("/console/");

export default defineConfig({ ...shared, plugins: [...(shared.plugins ?? []), antStyles] });
