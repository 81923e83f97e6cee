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
      offline: "You are offline. What you see may be old; it is brought up to date when the connection is back.",
      busy: "The shop is slow to answer at the moment. It is asked again; you need not do anything.",
    },
    foot: (shop) => `${shop} sells small runs of made things. Nothing is charged before it is certain to be made.`,
    notFound: "There is nothing here",
    notFoundText: "The address may have a typing error, or what was here is gone.",
    toShop: "Go to the shop",
    crashed: "This part of the shop cannot be shown",
    crashedText: "It may not have been loaded whole, or the shop was renewed meanwhile. What is in your cart is kept.",
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
