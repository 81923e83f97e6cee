import type { Dictionary } from "@millrun/api";

export interface HomeWords {
  title: string;
  todo: string;
  todos: Record<"ship" | "confirm" | "money" | "messages" | "events" | "low", (count: number) => string>;
  allDone: string;
  last30: string;
  revenue: string;
  orders: (count: number) => string;
  refunded: (percent: string) => string;
  windows: string;
  noWindows: string;
  bestSellers: string;
  asOf: string;
  noSales: string;
  sold: (count: number) => string;
  table: string;
  day: string;
}

export const WORDS: Dictionary<HomeWords> = {
  en: {
    title: "Home",
    todo: "To do",
    todos: {
      ship: (count) => (count === 1 ? "order to ship" : "orders to ship"),
      confirm: (count) => (count === 1 ? "batch to confirm" : "batches to confirm"),
      money: (count) => (count === 1 ? "payment task" : "payment tasks"),
      messages: (count) => (count === 1 ? "failed message" : "failed messages"),
      events: (count) => (count === 1 ? "failed event" : "failed events"),
      low: (count) => (count === 1 ? "variant is low" : "variants are low"),
    },
    allDone: "Nothing to do.",
    last30: "Last 30 days",
    revenue: "Revenue",
    orders: (count) => (count === 1 ? "1 order" : `${count} orders`),
    refunded: (percent) => `${percent} refunded`,
    windows: "Windows",
    noWindows: "No window is open.",
    bestSellers: "Best sellers",
    asOf: "as of",
    noSales: "Nothing was sold in this period.",
    sold: (count) => `${count} sold`,
    table: "As a table",
    day: "Day",
  },
  "zh-TW": {
    title: "總覽",
    todo: "待辦",
    todos: {
      ship: () => "筆訂單待出貨",
      confirm: () => "個批次待確認",
      money: () => "筆款項待處理",
      messages: () => "則通知寄送失敗",
      events: () => "個事件送出失敗",
      low: () => "項規格庫存偏低",
    },
    allDone: "目前沒有待辦事項。",
    last30: "近 30 天",
    revenue: "營收",
    orders: (count) => `${count} 筆訂單`,
    refunded: (percent) => `退款 ${percent}`,
    windows: "預購檔期",
    noWindows: "目前沒有進行中的檔期。",
    bestSellers: "熱銷商品",
    asOf: "更新於",
    noSales: "這幾天沒有銷售。",
    sold: (count) => `售出 ${count}`,
    table: "以表格顯示",
    day: "日期",
  },
};
