import type { Dictionary } from "@millrun/api";
import type { Stage } from "./api";

type FunnelStep = "reserved" | "asked" | "paid" | "expired" | "canceled" | "shipped";

export interface BatchWords {
  title: string;
  batch: string;
  canceledLink: string;
  stages: Record<Stage, string>;
  emptyStage: Record<Stage, string>;
  empty: { title: string; body: string };
  pieces: (reserved: number, target: number) => string;
  paid: (paid: number, reserved: number) => string;
  product: string;
  window: string;
  created: string;
  confirmed: string;
  payBefore: string;
  production: string;
  ship: string;
  notes: string;
  reason: string;
  facts: string;
  funnel: Record<FunnelStep, string> & { title: string; of: (orders: number, pieces: number) => string };
  work: { title: string; done: string; underWay: string } & Record<
    "REQUEST_PAYMENTS" | "ABANDON" | "SCHEDULE_SHIPPING" | "TELL_PRODUCTION_STARTED" | "TELL_SHIP_DATE",
    (orders: number) => string
  >;
  orders: string;
  noOrders: { title: string; body: string };
  order: string;
  customer: string;
  quantity: string;
  status: string;
  paidAt: string;
  workOrder: string;
  hours: string;
  hoursHelp: string;
  confirm: {
    label: string;
    title: string;
    effect: (who: string, pieces: number, until: string) => string;
    people: (orders: number) => string;
    everybody: string;
    confirm: (orders: number | undefined) => string;
    done: string;
  };
  cancel: {
    label: string;
    title: string;
    effect: (orders: number | undefined, pieces: number, paid: number) => string;
    confirm: string;
    done: string;
  };
  schedule: { label: string; title: string; effect: string; confirm: string; done: string };
}

export const WORDS: Dictionary<BatchWords> = {
  en: {
    title: "Batches",
    batch: "Batch",
    canceledLink: "Canceled batches",
    stages: {
      toConfirm: "To confirm",
      paying: "Being paid",
      producing: "In production",
      shipping: "Shipping",
      canceled: "Canceled",
    },
    emptyStage: {
      toConfirm: "No batch waits for confirmation.",
      paying: "No batch waits for payment.",
      producing: "No batch is in production.",
      shipping: "No batch is being shipped.",
      canceled: "No batch was canceled.",
    },
    empty: {
      title: "No batches yet",
      body: "A batch is created when an offer reaches its threshold. You confirm it, and its customers are asked to pay.",
    },
    pieces: (reserved, target) => `${reserved} reserved, threshold ${target}`,
    paid: (paid, reserved) => `${paid} of ${reserved} paid`,
    product: "Product",
    window: "Window",
    created: "Reached",
    confirmed: "Confirmed",
    payBefore: "To be paid before",
    production: "Production",
    ship: "Ships",
    notes: "Notes",
    reason: "Reason",
    facts: "Plan",
    funnel: {
      title: "From reserved to shipped",
      reserved: "Reserved",
      asked: "Asked to pay",
      paid: "Paid",
      expired: "Expired",
      canceled: "Canceled",
      shipped: "Shipped",
      of: (orders, pieces) => `${orders} orders · ${pieces} pieces`,
    },
    work: {
      title: "In progress",
      done: "done",
      underWay: "in progress",
      REQUEST_PAYMENTS: (orders) => `${orders} orders asked to pay`,
      ABANDON: (orders) => `${orders} orders canceled`,
      SCHEDULE_SHIPPING: (orders) => `${orders} orders sent to fulfilment`,
      TELL_PRODUCTION_STARTED: (orders) => `${orders} customers notified that production has started`,
      TELL_SHIP_DATE: (orders) => `${orders} customers notified of the new ship date`,
    },
    orders: "Orders",
    noOrders: { title: "No orders in this batch", body: "Orders are listed here as soon as they are counted." },
    order: "Order",
    customer: "Customer",
    quantity: "Pieces",
    status: "Status",
    paidAt: "Paid",
    workOrder: "Work order",
    hours: "Hours to pay",
    hoursHelp: "From 1 to 720.",
    confirm: {
      label: "Confirm",
      title: "Confirm the batch",
      effect: (who, pieces, until) =>
        `${who} asked to pay for ${pieces} pieces until ${until}. No more orders can be placed, and a work order is opened. This cannot be undone.`,
      people: (orders) => (orders === 1 ? "1 order is" : `${orders} orders are`),
      everybody: "Everybody who reserved is",
      confirm: (orders) => (orders === undefined ? "Ask everybody to pay" : `Ask ${orders} people to pay`),
      done: "The batch is confirmed; the customers are being asked to pay.",
    },
    cancel: {
      label: "Cancel batch",
      title: "Cancel the batch",
      effect: (orders, pieces, paid) =>
        `${orders === undefined ? "All orders" : `${orders} orders`} with ${pieces} pieces are canceled and the customers notified` +
        (paid > 0 ? `; ${paid} paid pieces are refunded.` : "; nothing was paid yet.") +
        " This cannot be undone.",
      confirm: "Cancel this batch",
      done: "The batch is canceled; its orders are being canceled.",
    },
    schedule: {
      label: "Change dates",
      title: "Change the dates",
      effect: "The plan changes. If the ship date moves after production has started, the customers are notified.",
      confirm: "Save the dates",
      done: "The dates are saved.",
    },
  },
  "zh-TW": {
    title: "批次",
    batch: "批次",
    canceledLink: "已取消的批次",
    stages: {
      toConfirm: "待確認",
      paying: "付款中",
      producing: "製作中",
      shipping: "出貨中",
      canceled: "已取消",
    },
    emptyStage: {
      toConfirm: "沒有待確認的批次。",
      paying: "沒有付款中的批次。",
      producing: "沒有製作中的批次。",
      shipping: "沒有出貨中的批次。",
      canceled: "沒有已取消的批次。",
    },
    empty: { title: "尚無批次", body: "預購達標後會自動建立批次。確認後，系統會請所有預購者付款。" },
    pieces: (reserved, target) => `已預購 ${reserved}，達標數量 ${target}`,
    paid: (paid, reserved) => `已付款 ${paid}／${reserved}`,
    product: "商品",
    window: "檔期",
    created: "達標時間",
    confirmed: "確認時間",
    payBefore: "付款期限",
    production: "製作",
    ship: "出貨",
    notes: "備註",
    reason: "原因",
    facts: "計畫",
    funnel: {
      title: "從預購到出貨",
      reserved: "已預購",
      asked: "已請款",
      paid: "已付款",
      expired: "已逾期",
      canceled: "已取消",
      shipped: "已出貨",
      of: (orders, pieces) => `${orders} 筆訂單・${pieces} 件`,
    },
    work: {
      title: "處理進度",
      done: "完成",
      underWay: "處理中",
      REQUEST_PAYMENTS: (orders) => `已通知 ${orders} 筆訂單付款`,
      ABANDON: (orders) => `已取消 ${orders} 筆訂單`,
      SCHEDULE_SHIPPING: (orders) => `已將 ${orders} 筆訂單轉入出貨`,
      TELL_PRODUCTION_STARTED: (orders) => `已通知 ${orders} 筆訂單開始生產`,
      TELL_SHIP_DATE: (orders) => `已通知 ${orders} 筆訂單新的出貨日`,
    },
    orders: "訂單",
    noOrders: { title: "此批次沒有訂單", body: "可列出訂單後會顯示在這裡。" },
    order: "訂單",
    customer: "顧客",
    quantity: "數量",
    status: "狀態",
    paidAt: "付款時間",
    workOrder: "工單",
    hours: "付款期限（小時）",
    hoursHelp: "1 到 720 小時。",
    confirm: {
      label: "確認",
      title: "確認批次",
      effect: (who, pieces, until) =>
        `將請${who}於 ${until} 前付款，共 ${pieces} 件。確認後停止預購並開立工單，此動作無法復原。`,
      people: (orders) => ` ${orders} 筆訂單的顧客`,
      everybody: "所有預購者",
      confirm: (orders) => (orders === undefined ? "請所有人付款" : `請 ${orders} 人付款`),
      done: "批次已確認，正在通知顧客付款。",
    },
    cancel: {
      label: "取消批次",
      title: "取消批次",
      effect: (orders, pieces, paid) =>
        `將取消${orders === undefined ? "全部訂單" : ` ${orders} 筆訂單`}、共 ${pieces} 件，並通知顧客` +
        (paid > 0 ? `；已付款的 ${paid} 件將退款。` : "；尚無人付款。") +
        "此動作無法復原。",
      confirm: "取消此批次",
      done: "批次已取消，相關訂單處理中。",
    },
    schedule: {
      label: "更改日期",
      title: "更改日期",
      effect: "將更新計畫；若出貨日變動，會通知製作中的顧客。",
      confirm: "儲存日期",
      done: "日期已儲存。",
    },
  },
};
