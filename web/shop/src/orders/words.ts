import type { components, Dictionary } from "@millrun/api";

type Status = components["schemas"]["OrderStatus"];

export interface OrderWords {
  title: string;
  progress: string;
  none: string;
  noneText: string;
  toShop: string;
  order: (no: string) => string;
  placed: (at: string) => string;
  status: Record<Status, string>;
  /** The next step, for the list. */
  next: {
    reserved: string;
    payBefore: (at: string) => string;
    paid: string;
    made: string;
    scheduled: string;
    completed: string;
    expired: string;
    canceled: string;
    failed: string;
    refunded: (price: string) => string;
    created: string;
  };
  steps: {
    placed: string;
    reserved: string;
    enough: string;
    pay: string;
    made: string;
    packed: string;
    shipped: string;
  };
  payNow: (price: string) => string;
  payTitle: string;
  deadline: (left: string) => string;
  timeLeft: string;
  until: (at: string) => string;
  waiting: string;
  waitingText: string;
  goOn: string;
  refused: string;
  refusedText: string;
  pays: string;
  cancel: string;
  cancelAsk: string;
  cancelText: string;
  cancelYes: string;
  cancelNo: string;
  carrier: string;
  trackingNo: string;
  pickup: string;
  lines: string;
  contact: string;
  changeContact: string;
  saveContact: string;
  keepContact: string;
  postalCodeHint: string;
  discount: string;
  shipping: string;
  free: string;
  total: string;
  refundedSum: string;
  history: string;
  back: string;
  reachedBy: (progress: string) => string;
  endedTitle: string;
  again: string;
  justOrdered: string;
}

export const WORDS: Dictionary<OrderWords> = {
  en: {
    progress: "Progress",
    title: "My orders",
    none: "You have not ordered anything yet",
    noneText: "Your orders are listed here with their next step and payment deadline.",
    toShop: "Look around in the shop",
    order: (no) => `Order ${no}`,
    placed: (at) => `placed ${at}`,
    status: {
      CREATED: "being placed",
      RESERVED: "reserved",
      PENDING_PAYMENT: "to be paid",
      PAID: "paid",
      SHIPPING_SCHEDULED: "being packed",
      COMPLETED: "sent",
      EXPIRED: "expired",
      CANCELED: "canceled",
      FAILED: "not placed",
      REFUNDED: "refunded",
    },
    next: {
      reserved: "It waits until enough pieces are reserved. Nothing is charged before that.",
      payBefore: (at) => `Pay before ${at}; after that your reservation expires.`,
      paid: "It is paid. The shop is packing it.",
      made: "It is paid and is being made. You get a message when it is shipped.",
      scheduled: "It is being packed. You get a message when it is shipped.",
      completed: "It is on its way to you.",
      expired: "It was not paid in time, so the reservation has expired. Nothing was charged.",
      canceled: "It was canceled. Anything that was paid is refunded.",
      failed: "It could not be placed. Nothing was charged.",
      refunded: (price) => `${price} was refunded by the payment method that was used.`,
      created: "The order is being placed. This page updates automatically.",
    },
    steps: {
      placed: "Ordered",
      reserved: "Reserved",
      enough: "Threshold reached",
      pay: "Pay",
      made: "Made",
      packed: "Packed",
      shipped: "Sent",
    },
    payNow: (price) => `Pay ${price}`,
    payTitle: "Pay for this order",
    deadline: (left) => `Time left to pay: ${left}`,
    timeLeft: "Time left to pay:",
    until: (at) => `until ${at}`,
    waiting: "Your payment is being confirmed",
    waitingText: "This page updates automatically as soon as the provider has confirmed it.",
    goOn: "Continue at the provider",
    refused: "The payment did not go through",
    refusedText: "Nothing was charged. Your order is still held: pay again, or choose another payment method.",
    pays: "Payment method",
    cancel: "Cancel this order",
    cancelAsk: "Cancel this order?",
    cancelText: "Your reservation is released. Anything you paid is refunded by the payment method that was used.",
    cancelYes: "Yes, cancel it",
    cancelNo: "Keep it",
    carrier: "Carrier",
    trackingNo: "Tracking number",
    pickup: "Pick-up",
    lines: "Items",
    contact: "Delivery address",
    changeContact: "Correct name, phone or address",
    saveContact: "Save the contact",
    keepContact: "Keep it",
    postalCodeHint: "For a new address, where delivery to an island costs more",
    discount: "Coupon",
    shipping: "Delivery",
    free: "Free",
    total: "Total",
    refundedSum: "Refunded",
    history: "History",
    back: "My orders",
    reachedBy: (progress) => `${progress}, including yours`,
    endedTitle: "This order has ended",
    again: "Look around in the shop",
    justOrdered: "Thank you. Your order is placed.",
  },
  "zh-TW": {
    progress: "訂單進度",
    title: "我的訂單",
    none: "您尚無訂單",
    noneText: "訂單會顯示在這裡，包含接下來的流程與付款期限。",
    toShop: "逛逛商店",
    order: (no) => `訂單 ${no}`,
    placed: (at) => `${at} 成立`,
    status: {
      CREATED: "處理中",
      RESERVED: "已預購",
      PENDING_PAYMENT: "待付款",
      PAID: "已付款",
      SHIPPING_SCHEDULED: "備貨中",
      COMPLETED: "已出貨",
      EXPIRED: "已逾期",
      CANCELED: "已取消",
      FAILED: "未成立",
      REFUNDED: "已退款",
    },
    next: {
      reserved: "等待預購達標，在此之前不會收款。",
      payBefore: (at) => `請於 ${at}前付款，逾期將釋出為您保留的商品。`,
      paid: "已付款，商店正在備貨。",
      made: "已付款，製作中。出貨時會通知您。",
      scheduled: "備貨中，出貨時會通知您。",
      completed: "商品已寄出。",
      expired: "未於期限內付款，保留的商品已釋出，未收取任何款項。",
      canceled: "訂單已取消，已付款項將退還。",
      failed: "訂單未能成立，未收取任何款項。",
      refunded: (price) => `${price} 已依原付款方式退還。`,
      created: "訂單處理中，頁面會自動更新。",
    },
    steps: {
      placed: "訂單成立",
      reserved: "已預購",
      enough: "預購達標",
      pay: "付款",
      made: "製作",
      packed: "備貨",
      shipped: "出貨",
    },
    payNow: (price) => `付款 ${price}`,
    payTitle: "為此訂單付款",
    deadline: (left) => `付款剩餘時間：${left}`,
    timeLeft: "付款剩餘時間：",
    until: (at) => `期限 ${at}`,
    waiting: "正在確認付款",
    waitingText: "金流業者確認後，頁面會自動更新。",
    goOn: "回到付款頁面",
    refused: "付款未成功",
    refusedText: "未收取任何款項，商品仍為您保留。請重新付款，或改用其他方式。",
    pays: "付款方式",
    cancel: "取消訂單",
    cancelAsk: "要取消此訂單嗎？",
    cancelText: "為您保留的商品將釋出，已付款項會依原付款方式退還。",
    cancelYes: "確定取消",
    cancelNo: "保留訂單",
    carrier: "物流",
    trackingNo: "貨運單號",
    pickup: "取貨",
    lines: "訂購內容",
    contact: "收件資料",
    changeContact: "更正姓名、電話或地址",
    saveContact: "儲存收件資料",
    keepContact: "維持原資料",
    postalCodeHint: "寄送離島須加價時，變更地址請填寫郵遞區號",
    discount: "優惠券折抵",
    shipping: "運費",
    free: "免運費",
    total: "總計",
    refundedSum: "已退款",
    history: "訂單紀錄",
    back: "我的訂單",
    reachedBy: (progress) => `${progress}（含您的預購）`,
    endedTitle: "此訂單已結束",
    again: "逛逛商店",
    justOrdered: "謝謝您，訂單已成立。",
  },
};
