import type { Dictionary, operations } from "@millrun/api";

/** The commands of the staff, by their use case. A unit test holds the list against the contract. */
const EN = {
  add_variant: "Added a variant",
  adjust_stock: "Adjusted the stock",
  cancel_batch: "Canceled the batch",
  cancel_order_as_admin: "Canceled the order",
  change_contact_as_admin: "Corrected the contact",
  complete_work_order: "Completed the work order",
  configure_offer: "Set up the offer",
  confirm_batch: "Confirmed the batch",
  create_coupon: "Started a campaign",
  create_product: "Made a product",
  create_sell_window: "Made a sell window",
  end_sell_window: "Closed the sell window",
  fail_work_order: "Gave up the work order",
  finish_payment_task: "Finished a payment task",
  grant_points: "Gave or took points",
  record_refund: "Recorded a refund made by hand",
  refund_order: "Refunded the order",
  replay_event: "Replayed an event",
  replay_events: "Replayed many events",
  retry_notification: "Sent a message again",
  schedule_batch: "Set the batch's dates",
  set_shipping_method: "Set a shipping method",
  ship_order: "Shipped the order",
  ship_orders: "Shipped orders by their tracking numbers",
  start_work_order: "Started the work order",
  update_coupon: "Changed the campaign",
  update_product: "Changed the product",
  update_sell_window: "Changed the sell window",
  update_variant: "Changed the variant",
  update_work_step: "Moved a production step",
} satisfies Partial<Record<keyof operations, string>>;

export type Action = keyof typeof EN;

export const ACTIONS: Dictionary<Record<Action, string>> = {
  en: EN,
  "zh-TW": {
    add_variant: "新增規格",
    adjust_stock: "調整庫存",
    cancel_batch: "取消批次",
    cancel_order_as_admin: "取消訂單",
    change_contact_as_admin: "更正收件資料",
    complete_work_order: "完成工單",
    configure_offer: "設定預購商品",
    confirm_batch: "確認批次",
    create_coupon: "建立優惠券活動",
    create_product: "建立商品",
    create_sell_window: "建立預購檔期",
    end_sell_window: "結束預購檔期",
    fail_work_order: "中止工單",
    finish_payment_task: "完成款項待辦",
    grant_points: "增減點數",
    record_refund: "登記人工退款",
    refund_order: "退款",
    replay_event: "重送事件",
    replay_events: "批次重送事件",
    retry_notification: "重新寄送訊息",
    schedule_batch: "設定批次日期",
    set_shipping_method: "設定配送方式",
    ship_order: "訂單出貨",
    ship_orders: "依追蹤號碼批次出貨",
    start_work_order: "開始工單",
    update_coupon: "修改優惠券活動",
    update_product: "修改商品",
    update_sell_window: "修改預購檔期",
    update_variant: "修改規格",
    update_work_step: "更新製作步驟",
  },
};

/** What commands and events are about. */
const SUBJECTS_EN = {
  batch: "batch",
  coupon: "coupon",
  customer: "customer",
  event: "event",
  notification: "message",
  offer: "offer",
  order: "order",
  outbox: "events",
  payment: "payment",
  payment_task: "payment task",
  product: "product",
  sell_window: "sell window",
  shipping_method: "shipping method",
  variant: "variant",
  wallet: "points",
  work_order: "work order",
};

export const SUBJECTS: Dictionary<Record<keyof typeof SUBJECTS_EN, string>> = {
  en: SUBJECTS_EN,
  "zh-TW": {
    batch: "批次",
    coupon: "優惠券",
    customer: "顧客",
    event: "事件",
    notification: "訊息",
    offer: "預購商品",
    order: "訂單",
    outbox: "事件",
    payment: "付款",
    payment_task: "款項待辦",
    product: "商品",
    sell_window: "預購檔期",
    shipping_method: "配送方式",
    variant: "規格",
    wallet: "點數",
    work_order: "工單",
  },
};

/** A newer shop may have a command or a subject that the open page does not know: its identifier is shown. */
export function nameOf(names: Partial<Record<string, string>>, identifier: string): string {
  return names[identifier] ?? identifier.replaceAll("_", " ");
}
