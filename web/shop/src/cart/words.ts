import type { Dictionary } from "@millrun/api";

export interface CartWords {
  title: string;
  empty: string;
  emptyText: string;
  toShop: string;
  remove: (name: string) => string;
  removeShort: string;
  gone: string;
  onlyLeft: (quantity: number) => string;
  items: string;
  checkout: string;
  later: string;
}

export const WORDS: Dictionary<CartWords> = {
  en: {
    title: "Cart",
    empty: "Your cart is empty",
    emptyText: "What you add stays here until you order it, also if you come back another day.",
    toShop: "Look around in the shop",
    remove: (name) => `Remove ${name}`,
    removeShort: "Remove",
    gone: "This is no longer in the shop. Remove it to continue.",
    onlyLeft: (quantity) =>
      quantity > 0 ? `Only ${quantity} left: reduce the quantity to continue.` : "Sold out. Remove it to continue.",
    items: "Items",
    checkout: "Continue to delivery",
    later: "Nothing is held until you order.",
  },
  "zh-TW": {
    title: "購物車",
    empty: "購物車是空的",
    emptyText: "您選購的商品會保留在這裡，改天回來也看得到。",
    toShop: "逛逛商店",
    remove: (name) => `移除 ${name}`,
    removeShort: "移除",
    gone: "此商品已下架，請移除後繼續。",
    onlyLeft: (quantity) => (quantity > 0 ? `僅剩 ${quantity} 件，請減少數量。` : "已售完，請移除後繼續。"),
    items: "商品小計",
    checkout: "填寫收件資料",
    later: "下單後才會為您保留商品。",
  },
};
