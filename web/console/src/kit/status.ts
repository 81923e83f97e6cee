import type { components, Dictionary } from "@millrun/api";

type Schemas = components["schemas"];

/** `waits`: staff have to act. Only `waits`, `good` and `bad` have a colour. */
export type Tone = "quiet" | "waits" | "good" | "bad";

export interface StatusKinds {
  order: Schemas["OrderStatus"];
  batch: Schemas["BatchStatus"];
  offer: Schemas["CounterStatus"];
  workOrder: Schemas["WorkOrderStatus"];
  step: Schemas["StepStatus"];
  product: Schemas["ProductStatus"];
  payment: Schemas["PaymentStatus"];
  outbox: Schemas["OutboxStatus"];
  notification: Schemas["NotificationStatus"];
  userCoupon: Schemas["UserCouponStatus"];
}

export const TONES: { [K in keyof StatusKinds]: Record<StatusKinds[K], Tone> } = {
  order: {
    CREATED: "quiet",
    RESERVED: "quiet",
    PENDING_PAYMENT: "quiet",
    PAID: "good",
    SHIPPING_SCHEDULED: "waits",
    COMPLETED: "good",
    EXPIRED: "quiet",
    CANCELED: "quiet",
    FAILED: "bad",
    REFUNDED: "quiet",
  },
  batch: { CREATED: "waits", CONFIRMED: "good", CANCELED: "quiet" },
  offer: { OPEN: "quiet", REACHED: "waits", LOCKED: "good", FINALIZED: "good", MISSED: "bad" },
  workOrder: { READY: "waits", IN_PROGRESS: "good", DONE: "quiet", FAILED: "bad" },
  step: { TODO: "quiet", DOING: "waits", DONE: "good" },
  product: { DRAFT: "waits", ACTIVE: "good", INACTIVE: "quiet" },
  payment: {
    INIT: "quiet",
    SUCCEEDED: "good",
    FAILED: "bad",
    EXPIRED: "quiet",
    REFUND_REQUESTED: "waits",
    REFUNDED: "quiet",
  },
  outbox: { NEW: "quiet", SENT: "good", FAILED: "bad" },
  notification: { REQUESTED: "quiet", SENT: "good", FAILED: "bad" },
  userCoupon: { ISSUED: "good", HELD: "waits", USED: "quiet", EXPIRED: "quiet" },
};

export const STATUS_WORDS: Dictionary<{ [K in keyof StatusKinds]: Record<StatusKinds[K], string> }> = {
  en: {
    order: {
      CREATED: "Being reserved",
      RESERVED: "Reserved",
      PENDING_PAYMENT: "Asked to pay",
      PAID: "Paid",
      SHIPPING_SCHEDULED: "To ship",
      COMPLETED: "Shipped",
      EXPIRED: "Expired",
      CANCELED: "Canceled",
      FAILED: "Failed",
      REFUNDED: "Refunded",
    },
    batch: { CREATED: "To confirm", CONFIRMED: "Confirmed", CANCELED: "Canceled" },
    offer: { OPEN: "Open", REACHED: "Threshold reached", LOCKED: "Confirmed", FINALIZED: "Final", MISSED: "Missed" },
    workOrder: { READY: "Ready to start", IN_PROGRESS: "In progress", DONE: "Done", FAILED: "Failed" },
    step: { TODO: "To do", DOING: "Doing", DONE: "Done" },
    product: { DRAFT: "Draft", ACTIVE: "On sale", INACTIVE: "Off sale" },
    payment: {
      INIT: "Begun",
      SUCCEEDED: "Paid",
      FAILED: "Failed",
      EXPIRED: "Expired",
      REFUND_REQUESTED: "Refund under way",
      REFUNDED: "Refunded",
    },
    outbox: { NEW: "Waiting", SENT: "Sent", FAILED: "Failed" },
    notification: { REQUESTED: "Waiting", SENT: "Sent", FAILED: "Failed" },
    userCoupon: { ISSUED: "Ready", HELD: "Held by an order", USED: "Used", EXPIRED: "Expired" },
  },
  "zh-TW": {
    order: {
      CREATED: "預留中",
      RESERVED: "已預留",
      PENDING_PAYMENT: "待付款",
      PAID: "已付款",
      SHIPPING_SCHEDULED: "待出貨",
      COMPLETED: "已出貨",
      EXPIRED: "已逾期",
      CANCELED: "已取消",
      FAILED: "失敗",
      REFUNDED: "已退款",
    },
    batch: { CREATED: "待確認", CONFIRMED: "已確認", CANCELED: "已取消" },
    offer: { OPEN: "預購中", REACHED: "已達標", LOCKED: "已確認", FINALIZED: "已結算", MISSED: "未達標" },
    workOrder: { READY: "待開工", IN_PROGRESS: "製作中", DONE: "已完成", FAILED: "失敗" },
    step: { TODO: "未開始", DOING: "進行中", DONE: "完成" },
    product: { DRAFT: "草稿", ACTIVE: "販售中", INACTIVE: "已下架" },
    payment: {
      INIT: "付款中",
      SUCCEEDED: "已付款",
      FAILED: "失敗",
      EXPIRED: "已逾期",
      REFUND_REQUESTED: "退款處理中",
      REFUNDED: "已退款",
    },
    outbox: { NEW: "等待中", SENT: "已送出", FAILED: "失敗" },
    notification: { REQUESTED: "等待中", SENT: "已送出", FAILED: "失敗" },
    userCoupon: { ISSUED: "可使用", HELD: "訂單保留中", USED: "已使用", EXPIRED: "已過期" },
  },
};
