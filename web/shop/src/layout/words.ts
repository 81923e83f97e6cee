import type { Dictionary, Outage } from "@millrun/api";

export interface LayoutWords {
  skip: string;
  shop: string;
  orders: string;
  coupons: string;
  points: string;
  cart: string;
  cartCount: (pieces: number) => string;
  signIn: string;
  account: string;
  language: string;
  sections: string;
  outage: Record<Outage, string>;
  foot: (shop: string) => string;
  notFound: string;
  notFoundText: string;
  toShop: string;
  crashed: string;
  crashedText: string;
  reload: string;
  retry: string;
  code: (code: string) => string;
  more: string;
  loading: string;
  signInAgain: string;
}

export const WORDS: Dictionary<LayoutWords> = {
  en: {
    skip: "Skip to the content",
    shop: "Shop",
    orders: "My orders",
    coupons: "Coupons",
    points: "Points",
    cart: "Cart",
    cartCount: (pieces) => `${pieces} in the cart`,
    signIn: "Sign in",
    account: "Account",
    language: "Language",
    sections: "Sections",
    outage: {
      offline: "You are offline. This page may be out of date; it is updated when the connection is back.",
      busy: "The shop is slow to respond. Your request is being repeated; you do not need to do anything.",
    },
    foot: (shop) =>
      `${shop} makes products in small runs. You pay only once it is certain that your order will be made.`,
    notFound: "Page not found",
    notFoundText: "The address may be mistyped, or the page was removed.",
    toShop: "Go to the shop",
    crashed: "This page cannot be shown",
    crashedText: "It may not have loaded completely, or the shop was updated meanwhile. Your cart is kept.",
    reload: "Load the page again",
    retry: "Try again",
    code: (code) => `Code for support: ${code}`,
    more: "Show more",
    loading: "Loading",
    signInAgain: "Sign in again",
  },
  "zh-TW": {
    skip: "跳至主要內容",
    shop: "商店",
    orders: "我的訂單",
    coupons: "優惠券",
    points: "點數",
    cart: "購物車",
    cartCount: (pieces) => `購物車內有 ${pieces} 件`,
    signIn: "登入",
    account: "帳號",
    language: "語言",
    sections: "主選單",
    outage: {
      offline: "目前離線中。您看到的內容可能不是最新，連線恢復後會自動更新。",
      busy: "商店目前回應較慢，系統會自動重試，您不需要做任何事。",
    },
    foot: (shop) => `${shop} 販售小量製作的好物。確定製作之前，不會向您收款。`,
    notFound: "找不到這個頁面",
    notFoundText: "網址可能有誤，或內容已移除。",
    toShop: "前往商店",
    crashed: "無法顯示這個頁面",
    crashedText: "頁面可能未完整載入，或商店剛更新。購物車內的商品仍會保留。",
    reload: "重新載入",
    retry: "再試一次",
    code: (code) => `客服代碼：${code}`,
    more: "顯示更多",
    loading: "載入中",
    signInAgain: "重新登入",
  },
};
