import type { Dictionary } from "@millrun/api";
import type { RowFault } from "./tracking";

export interface FulfilmentWords {
  title: string;
  tabs: Record<"ship" | "picking" | "slips" | "tracking", string>;
  noOrders: { title: string; body: string };
  waiting: string;
  order: string;
  contents: string;
  customer: string;
  pieces: (quantity: number) => string;
  pick: { product: string; quantity: string; orders: string; summary: (pieces: number, orders: number) => string };
  more: (count: number) => string;
  print: string;
  slips: {
    choose: (count: number) => string;
    print: (count: number) => string;
    slip: string;
    to: string;
    thanks: (shop: string) => string;
    all: string;
    none: string;
  };
  tracking: {
    paste: string;
    help: string;
    example: string;
    drop: string;
    file: string;
    carrier: string;
    carrierHelp: string;
    line: string;
    trackingNo: string;
    state: string;
    faults: Record<RowFault, string>;
    ready: string;
    label: (count: number) => string;
    title: (count: number) => string;
    effect: (count: number, wrong: number) => string;
    confirm: (count: number) => string;
    done: (shipped: number, refused: number) => string;
    shipped: string;
    again: string;
    retry: (count: number) => string;
    empty: { title: string; body: string };
  };
}

export const WORDS: Dictionary<FulfilmentWords> = {
  en: {
    title: "Fulfilment",
    tabs: { ship: "To ship", picking: "Picking list", slips: "Packing slips", tracking: "Tracking numbers" },
    noOrders: {
      title: "Nothing to ship",
      body: "Paid orders are listed here: orders from stock at once, preorders after their production.",
    },
    waiting: "Waiting since",
    order: "Order",
    contents: "Items",
    customer: "To",
    pieces: (quantity) => (quantity === 1 ? "1 piece" : `${quantity} pieces`),
    pick: {
      product: "Product",
      quantity: "Pieces",
      orders: "Orders",
      summary: (pieces, orders) => `${pieces} pieces for ${orders} orders`,
    },
    more: (count) => `Only the first ${count} orders are counted. Ship these, then reload the list.`,
    print: "Print",
    slips: {
      choose: (count) => `${count} chosen`,
      print: (count) => (count === 1 ? "Print 1 slip" : `Print ${count} slips`),
      slip: "Packing slip",
      to: "To",
      thanks: (shop) => `Thank you for your order at ${shop}.`,
      all: "Choose all",
      none: "Choose none",
    },
    tracking: {
      paste: "Tracking numbers",
      help: "One order per line: order number, carrier, tracking number. Paste it from a spreadsheet, or drop the carrier's CSV file here.",
      example: "261130-W8SQK-0B2H8, Black Cat, 905-123-456",
      drop: "Drop the file to read it",
      file: "Choose a file",
      carrier: "Carrier",
      carrierHelp: "For lines without a carrier.",
      line: "Line",
      trackingNo: "Tracking number",
      state: "State",
      faults: {
        no_order: "The line has no order number. Add it as the first cell.",
        no_tracking: "The line has no tracking number. Add it as the last cell.",
        no_carrier: "The line has no carrier. Fill in the carrier above.",
        twice: "This order is in an earlier line, too. Remove one of the two.",
      },
      ready: "Ready",
      label: (count) => (count === 1 ? "Ship 1 order" : `Ship ${count} orders`),
      title: (count) => (count === 1 ? "Ship 1 order" : `Ship ${count} orders`),
      effect: (count, wrong) =>
        `${count} orders are marked as shipped and their customers notified.` +
        (wrong > 0 ? ` ${wrong} lines with an error are left out.` : "") +
        " This cannot be undone. Sending the same list again ships no order twice.",
      confirm: (count) => `Mark ${count} as shipped`,
      done: (shipped, refused) => `${shipped} shipped` + (refused > 0 ? `, ${refused} refused: see the lines.` : "."),
      shipped: "Shipped",
      again: "New list",
      retry: (count) => `Keep the ${count} lines that were not shipped`,
      empty: {
        title: "Nothing to read yet",
        body: "Lines appear here as soon as you paste them, each with its errors.",
      },
    },
  },
  "zh-TW": {
    title: "出貨",
    tabs: { ship: "待出貨", picking: "揀貨單", slips: "出貨單", tracking: "物流單號" },
    noOrders: { title: "沒有待出貨的訂單", body: "已付款的訂單會列在這裡：現貨立即出現，預購於製作完成後出現。" },
    waiting: "等待時間",
    order: "訂單",
    contents: "內容",
    customer: "收件人",
    pieces: (quantity) => `${quantity} 件`,
    pick: {
      product: "商品",
      quantity: "件數",
      orders: "訂單數",
      summary: (pieces, orders) => `共 ${pieces} 件、${orders} 筆訂單`,
    },
    more: (count) => `僅計算前 ${count} 筆訂單，出貨後請重新檢視。`,
    print: "列印",
    slips: {
      choose: (count) => `已選 ${count} 筆`,
      print: (count) => `列印 ${count} 張出貨單`,
      slip: "出貨單",
      to: "收件人",
      thanks: (shop) => `感謝您在 ${shop} 訂購。`,
      all: "全選",
      none: "取消全選",
    },
    tracking: {
      paste: "物流單號",
      help: "每行一筆：訂單編號、物流業者、查詢號碼。可自試算表貼上，或將物流業者的 CSV 檔拖曳至此。",
      example: "261130-W8SQK-0B2H8, 黑貓宅急便, 905-123-456",
      drop: "放開以讀取檔案",
      file: "選擇檔案",
      carrier: "物流業者",
      carrierHelp: "用於未註明物流業者的行。",
      line: "行",
      trackingNo: "查詢號碼",
      state: "狀態",
      faults: {
        no_order: "此行缺少訂單編號，請填在第一欄。",
        no_tracking: "此行缺少查詢號碼，請填在最後一欄。",
        no_carrier: "此行未註明物流業者，請於上方填寫。",
        twice: "此訂單已出現在前面的行，請刪除其中一行。",
      },
      ready: "可出貨",
      label: (count) => `出貨 ${count} 筆訂單`,
      title: (count) => `出貨 ${count} 筆訂單`,
      effect: (count, wrong) =>
        `${count} 筆訂單將標記為已出貨並通知顧客。` +
        (wrong > 0 ? `有誤的 ${wrong} 行將略過。` : "") +
        "此動作無法復原；重複送出同一清單不會重複出貨。",
      confirm: (count) => `將 ${count} 筆標記為已出貨`,
      done: (shipped, refused) =>
        `已出貨 ${shipped} 筆` + (refused > 0 ? `，${refused} 筆未成功，請查看各行說明。` : "。"),
      shipped: "已出貨",
      again: "新清單",
      retry: (count) => `保留未出貨的 ${count} 行`,
      empty: { title: "尚未讀取任何資料", body: "貼上後會逐行顯示，並標示需要修正之處。" },
    },
  },
};
