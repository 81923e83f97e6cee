import { format, type components } from "@millrun/api";

/** The discount of a coupon in short form: `−10 %`, `−NT$ 100`. */
export function worth({ discount }: { discount: components["schemas"]["DiscountBody"] }, currency: string): string {
  return discount.type === "PERCENT" ? `−${discount.value} %` : format.money(-discount.value, currency);
}
