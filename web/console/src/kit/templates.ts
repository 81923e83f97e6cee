import type { components, Dictionary } from "@millrun/api";

/** The name of each message template: a template without a name does not compile. */
export const TEMPLATES: Dictionary<Record<components["schemas"]["TemplateKey"], string>> = {
  en: {
    threshold_reached: "Threshold reached",
    order_placed: "Order placed",
    preorder_reserved: "Preorder reserved",
    order_paid: "Order paid",
    payment_requested: "Asked to pay",
    payment_reminder: "Reminder to pay",
    order_expired: "Order expired",
    order_canceled: "Order canceled",
    offer_missed: "Offer missed",
    order_failed: "Order failed",
    production_started: "Production started",
    ship_date_changed: "Ship date changed",
    order_refunded: "Money went back",
    order_shipped: "Order shipped",
    points_refunded: "Money for points went back",
  },
  "zh-TW": {
    threshold_reached: "預購已達標",
    order_placed: "訂單成立",
    preorder_reserved: "預購成功",
    order_paid: "付款完成",
    payment_requested: "付款通知",
    payment_reminder: "付款提醒",
    order_expired: "訂單逾期",
    order_canceled: "訂單取消",
    offer_missed: "預購未達標",
    order_failed: "訂單失敗",
    production_started: "開始製作",
    ship_date_changed: "出貨日變更",
    order_refunded: "退款通知",
    order_shipped: "出貨通知",
    points_refunded: "點數款項退還",
  },
};

/** How a message reaches its reader. */
export const CHANNELS: Dictionary<Record<components["schemas"]["Channel"], string>> = {
  en: { EMAIL: "E-mail", SMS: "SMS", LINE: "LINE", SLACK: "Slack" },
  "zh-TW": { EMAIL: "電子郵件", SMS: "簡訊", LINE: "LINE", SLACK: "Slack" },
};
