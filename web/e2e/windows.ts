import { readFileSync } from "node:fs";
import { admin } from "./support";

const PICTURES = new URL("../../tools/local/pictures/", import.meta.url);

/** A product that is offered in a sell window, as an admin set it up. */
export async function openWindow(name: string, thresholdQty: number): Promise<{ windowId: string; productId: string }> {
  const product = await admin("POST", "/products", {
    name,
    description: "Sewn by hand from Taiwanese wool.",
    status: "ACTIVE",
  });
  const productId = product.product_id ?? "";
  for (const size of ["S", "M", "L"]) {
    await admin("POST", `/products/${productId}/variants`, {
      sku: `E2E-${Date.now()}-${size}`,
      variant_name: size,
      price_cents: 480_000,
      stock_qty: 0,
    });
  }
  const soon = new Date(Date.now() + 2_000).toISOString();
  const end = new Date(Date.now() + 3 * 86_400_000).toISOString();
  const window = await admin("POST", "/sell-windows", {
    name: "Winter run",
    start_at: soon,
    end_at: end,
    timezone: "Asia/Taipei",
  });
  const windowId = window.sell_window_id ?? "";
  await admin("PUT", `/sell-windows/${windowId}/offers/${productId}`, {
    threshold_qty: thresholdQty,
    max_total_qty: 100,
    lead_days: 14,
    ship_days: 7,
    enabled: true,
    per_customer_max: 5,
  });
  return { windowId, productId };
}

/** Uploads one of the demo's pictures, as the console does. */
export async function addPicture(productId: string, name: string, alt: string): Promise<void> {
  const file = readFileSync(new URL(`${name}.webp`, PICTURES));
  const images = `/products/${productId}/images`;
  const begun = await admin("POST", images, { content_type: "image/webp", bytes: file.length, alt });
  const { url, method, headers } = begun.upload as unknown as Record<"url" | "method", string> & {
    headers: HeadersInit;
  };
  const response = await fetch(url, { method, headers, body: new Uint8Array(file) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await admin("POST", `${images}/${begun.image_id ?? ""}/complete`, {});
}
