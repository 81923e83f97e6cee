import type { Dictionary, Outage } from "@millrun/api";

export interface KitWords {
  areas: Record<Area, string>;
  search: string;
  searchHint: string;
  menu: string;
  skip: string;
  outage: Record<Outage, string>;
  account: string;
  signOut: string;
  language: string;
  appearance: { title: string; system: string; light: string; dark: string };
  shortcuts: string;
  shortcutList: readonly (readonly [string, string])[];
  notStaff: { title: string; body: string };
  notFound: { title: string; body: string; home: string };
  more: string;
  actions: string;
  details: string;
  shown: (count: number, all: boolean) => string;
  retry: string;
  csv: { label: string; failed: string };
  copy: string;
  copied: string;
  close: string;
  all: string;
  clear: string;
  code: (code: string, request: string) => string;
  sentOnce: string;
  crashed: { title: string; body: string; reload: string };
  required: (label: string) => string;
  zone: (zone: string) => string;
}

export type Area =
  | "home"
  | "orders"
  | "fulfilment"
  | "catalog"
  | "windows"
  | "batches"
  | "work-orders"
  | "coupons"
  | "delivery"
  | "customers"
  | "money"
  | "machine";

export const WORDS: Dictionary<KitWords> = {
  en: {
    areas: {
      home: "Home",
      orders: "Orders",
      fulfilment: "Fulfilment",
      catalog: "Catalogue",
      windows: "Windows",
      batches: "Batches",
      "work-orders": "Work orders",
      coupons: "Coupons",
      delivery: "Delivery",
      customers: "Customers",
      money: "Money",
      machine: "System",
    },
    search: "Find an order",
    searchHint: "Order number, phone or e-mail",
    menu: "Menu",
    skip: "Skip to the content",
    outage: {
      offline: "You are offline. This page may be out of date; it is reloaded when the connection is back.",
      busy: "The shop is slow to respond. The request is being repeated.",
    },
    account: "Account",
    signOut: "Sign out",
    language: "Language",
    appearance: { title: "Appearance", system: "System setting", light: "Light", dark: "Dark" },
    shortcuts: "Keyboard shortcuts",
    shortcutList: [
      ["/", "Find an order by number, phone or e-mail"],
      ["g h", "Home"],
      ["g o", "Orders"],
      ["g f", "Fulfilment"],
      ["g c", "Catalogue"],
      ["g w", "Windows"],
      ["g b", "Batches"],
      ["g p", "Work orders"],
      ["g k", "Coupons"],
      ["g d", "Delivery"],
      ["g u", "Customers"],
      ["g m", "Money"],
      ["g r", "System"],
      ["?", "This list"],
    ],
    notStaff: {
      title: "This account does not belong to the shop's staff",
      body: "Ask an administrator of the shop to add it to a group, then sign in again.",
    },
    notFound: {
      title: "Page not found",
      body: "The address may be mistyped, or the page was removed.",
      home: "Go to Home",
    },
    more: "Show more",
    actions: "Actions",
    details: "Details",
    shown: (count, all) => (all ? `${count} in total` : `${count} shown`),
    retry: "Try again",
    csv: { label: "Download as CSV", failed: "The file could not be created. Try again in a moment." },
    copy: "Copy",
    copied: "Copied",
    close: "Close",
    all: "All",
    clear: "Clear filters",
    code: (code, request) => (request ? `${code} · request ${request}` : code),
    sentOnce: "There was no response to an earlier try. Sending it again is safe: it takes effect once.",
    crashed: {
      title: "This screen stopped working",
      body: "Nothing that was sent is lost. Reload the page; if it happens again, tell a developer what you did.",
      reload: "Reload the page",
    },
    required: (label) => `Fill in: ${label}`,
    zone: (zone) => `Times in ${zone}`,
  },
  "zh-TW": {
    areas: {
      home: "總覽",
      orders: "訂單",
      fulfilment: "出貨",
      catalog: "商品",
      windows: "預購檔期",
      batches: "批次",
      "work-orders": "工單",
      coupons: "優惠券",
      delivery: "配送",
      customers: "顧客",
      money: "款項",
      machine: "系統",
    },
    search: "搜尋訂單",
    searchHint: "訂單編號、電話或電子郵件",
    menu: "選單",
    skip: "跳至主要內容",
    outage: {
      offline: "目前離線中。畫面內容可能不是最新，連線恢復後會重新讀取。",
      busy: "系統回應較慢，正在自動重試。",
    },
    account: "帳號",
    signOut: "登出",
    language: "語言",
    appearance: { title: "外觀", system: "依系統設定", light: "淺色", dark: "深色" },
    shortcuts: "鍵盤快速鍵",
    shortcutList: [
      ["/", "以訂單編號、電話或電子郵件搜尋訂單"],
      ["g h", "總覽"],
      ["g o", "訂單"],
      ["g f", "出貨"],
      ["g c", "商品"],
      ["g w", "預購檔期"],
      ["g b", "批次"],
      ["g p", "工單"],
      ["g k", "優惠券"],
      ["g d", "配送"],
      ["g u", "顧客"],
      ["g m", "款項"],
      ["g r", "系統"],
      ["?", "顯示此清單"],
    ],
    notStaff: {
      title: "此帳號不是商店的員工帳號",
      body: "請商店管理員將帳號加入群組後，再重新登入。",
    },
    notFound: {
      title: "找不到此頁面",
      body: "網址可能有誤，或內容已移除。",
      home: "回到總覽",
    },
    more: "顯示更多",
    actions: "操作",
    details: "明細",
    shown: (count, all) => (all ? `共 ${count} 筆` : `已顯示 ${count} 筆`),
    retry: "再試一次",
    csv: { label: "下載 CSV", failed: "無法產生檔案，請稍候再試一次。" },
    copy: "複製",
    copied: "已複製",
    close: "關閉",
    all: "全部",
    clear: "清除篩選",
    code: (code, request) => (request ? `${code} · 請求編號 ${request}` : code),
    sentOnce: "先前送出的請求尚未收到回應。再次送出不會重複執行。",
    crashed: {
      title: "此畫面發生錯誤",
      body: "已送出的內容不會遺失。請重新整理頁面；若再次發生，請告知開發人員剛才的操作。",
      reload: "重新整理",
    },
    required: (label) => `請填寫${label}`,
    zone: (zone) => `${zone} 時間`,
  },
};
