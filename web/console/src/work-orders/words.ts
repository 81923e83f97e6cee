import type { Dictionary } from "@millrun/api";

export interface WorkOrderWords {
  title: string;
  workOrder: string;
  empty: { title: string; body: string };
  emptyColumn: string;
  pieces: (quantity: number) => string;
  steps: (done: number, all: number) => string;
  operator: string;
  started: string;
  ended: string;
  batch: string;
  window: string;
  product: string;
  reason: string;
  notes: string;
  facts: string;
  start: { label: string; title: string; effect: (pieces: number) => string; confirm: string; done: string };
  step: { begin: string; finish: string; back: string; done: (name: string) => string };
  complete: { label: string; title: string; effect: (pieces: number) => string; confirm: string; done: string };
  fail: { label: string; title: string; effect: (pieces: number) => string; confirm: string; done: string };
}

export const WORDS: Dictionary<WorkOrderWords> = {
  en: {
    title: "Work orders",
    workOrder: "Work order",
    empty: {
      title: "No work orders yet",
      body: "A work order is opened when a batch is confirmed. It can start when the payment window is over.",
    },
    emptyColumn: "Nothing here.",
    pieces: (quantity) => `${quantity} pieces`,
    steps: (done, all) => `${done} of ${all} steps done`,
    operator: "Operator",
    started: "Started",
    ended: "Ended",
    batch: "Batch",
    window: "Window",
    product: "Product",
    reason: "Reason",
    notes: "Notes",
    facts: "Work order",
    start: {
      label: "Start",
      title: "Start production",
      effect: (pieces) => `${pieces} pieces go into production; their customers are notified.`,
      confirm: "Start production",
      done: "Production has started.",
    },
    step: { begin: "Begin", finish: "Done", back: "Reopen", done: (name) => `${name}: saved.` },
    complete: {
      label: "Complete",
      title: "Complete production",
      effect: (pieces) => `${pieces} pieces are made: their paid orders go to fulfilment. This cannot be undone.`,
      confirm: "Send the orders to fulfilment",
      done: "Production is complete; the orders are being sent to fulfilment.",
    },
    fail: {
      label: "Production failed",
      title: "Production failed",
      effect: (pieces) => `The paid orders for ${pieces} pieces fail and are refunded. This cannot be undone.`,
      confirm: "Fail and refund the orders",
      done: "Production failed; the refunds are in progress.",
    },
  },
  "zh-TW": {
    title: "工單",
    workOrder: "工單",
    empty: { title: "尚無工單", body: "確認批次後會開立工單，付款期限結束後即可開工。" },
    emptyColumn: "目前沒有。",
    pieces: (quantity) => `${quantity} 件`,
    steps: (done, all) => `步驟 ${done}／${all}`,
    operator: "負責人",
    started: "開工時間",
    ended: "結束時間",
    batch: "批次",
    window: "檔期",
    product: "商品",
    reason: "原因",
    notes: "備註",
    facts: "工單資料",
    start: {
      label: "開工",
      title: "開始製作",
      effect: (pieces) => `${pieces} 件開始製作，並通知顧客。`,
      confirm: "開始製作",
      done: "已開工。",
    },
    step: { begin: "開始", finish: "完成", back: "重新開啟", done: (name) => `${name}：已儲存。` },
    complete: {
      label: "完工",
      title: "製作完成",
      effect: (pieces) => `${pieces} 件製作完成，已付款訂單將轉入出貨。此動作無法復原。`,
      confirm: "將訂單轉入出貨",
      done: "製作完成，正在將訂單轉入出貨。",
    },
    fail: {
      label: "製作失敗",
      title: "製作失敗",
      effect: (pieces) => `${pieces} 件的已付款訂單將失敗並全額退款。此動作無法復原。`,
      confirm: "全部退款",
      done: "已登記製作失敗，退款處理中。",
    },
  },
};
