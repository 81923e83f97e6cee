import type { Dictionary } from "@millrun/api";

export interface WindowWords {
  title: string;
  window: string;
  period: string;
  state: string;
  phase: Record<"upcoming" | "open" | "over", string>;
  offers: string;
  offerCount: (count: number) => string;
  calendar: string;
  today: string;
  empty: { title: string; body: string };
  noOffers: { title: string; body: string };
  reserved: (reserved: number, threshold: number) => string;
  paid: (paid: number) => string;
  capacity: (max: number | undefined) => string;
  missing: (pieces: number) => string;
  closes: string;
  disabled: string;
  extended: string;
  rules: {
    lead: (lead: number, ship: number) => string;
    missed: Record<"CANCEL", string> & { EXTEND: (days: number) => string };
    underpaid: Record<"PROCEED" | "CANCEL_AND_REFUND", string> & { PROCEED_IF_AT_LEAST: (percent: number) => string };
    pay: (hours: number) => string;
    perCustomer: (max: number) => string;
  };
  name: string;
  start: string;
  end: string;
  timezone: string;
  product: string;
  enabled: string;
  threshold: string;
  thresholdHelp: string;
  max: string;
  maxHelp: string;
  leadDays: string;
  shipDays: string;
  perCustomer: string;
  whenMissed: string;
  extendDays: string;
  whenUnderpaid: string;
  underpaidPercent: string;
  payHours: string;
  steps: string;
  stepsHelp: string;
  missedOptions: Record<"CANCEL" | "EXTEND", string>;
  underpaidOptions: Record<"PROCEED" | "PROCEED_IF_AT_LEAST" | "CANCEL_AND_REFUND", string>;
  create: { label: string; title: string; effect: string; confirm: string; done: (name: string) => string };
  edit: { label: string; title: string; effect: string; confirm: string; done: (name: string) => string };
  offer: {
    add: string;
    edit: string;
    title: string;
    effect: (threshold: number, max: number | undefined) => string;
    confirm: string;
    done: (name: string) => string;
  };
  close: {
    label: string;
    title: (name: string) => string;
    effect: (orders: number, pieces: number) => string;
    unknown: string;
    confirm: string;
    done: string;
  };
  forecast: {
    title: string;
    body: string;
    outcome: Record<"CONFIRMABLE" | "CANCELED" | "EXTENDED", string>;
    orders: (orders: number, pieces: number, money: string) => string;
    missing: (pieces: number) => string;
    until: (day: string) => string;
  };
  curve: { title: string; reserved: string; paid: string; none: string };
  orders: string;
}

export const WORDS: Dictionary<WindowWords> = {
  en: {
    title: "Windows",
    window: "Window",
    period: "Period",
    state: "State",
    phase: { upcoming: "Begins later", open: "Open", over: "Over" },
    offers: "Offers",
    offerCount: (count) => (count === 1 ? "1 offer" : `${count} offers`),
    calendar: "Calendar",
    today: "Today",
    empty: {
      title: "No windows yet",
      body: "A window is a period in which customers reserve products that are made once enough are reserved.",
    },
    noOffers: {
      title: "No offers yet",
      body: "An offer is a product in this window, with its threshold and terms.",
    },
    reserved: (reserved, threshold) => `${reserved} of ${threshold} reserved`,
    paid: (paid) => `${paid} paid`,
    capacity: (max) => (max === undefined ? "no upper limit" : `at most ${max}`),
    missing: (pieces) => `${pieces} missing`,
    closes: "Closes",
    disabled: "Not offered",
    extended: "Extended once",
    rules: {
      lead: (lead, ship) => `Made in ${lead} days, shipped ${ship} days after`,
      missed: {
        CANCEL: "Below the threshold: all orders are canceled",
        EXTEND: (days) => `Below the threshold: ${days} more days, once`,
      },
      underpaid: {
        PROCEED: "Too little paid: made anyway",
        PROCEED_IF_AT_LEAST: (percent) => `Too little paid: made from ${percent} % of the threshold`,
        CANCEL_AND_REFUND: "Too little paid: all orders are refunded",
      },
      pay: (hours) => `${hours} hours to pay`,
      perCustomer: (max) => `At most ${max} per customer`,
    },
    name: "Name",
    start: "Begins",
    end: "Ends",
    timezone: "Time zone",
    product: "Product",
    enabled: "Offered",
    threshold: "Threshold",
    thresholdHelp: "The number of reserved pieces from which the product is made.",
    max: "At most",
    maxHelp: "Pieces that may be reserved; empty for no limit.",
    leadDays: "Days until production",
    shipDays: "Days from production to shipping",
    perCustomer: "Maximum per customer",
    whenMissed: "If the threshold is missed",
    extendDays: "Days of the extension",
    whenUnderpaid: "If too little is paid",
    underpaidPercent: "Percent of the threshold",
    payHours: "Hours to pay",
    steps: "Production steps",
    stepsHelp: "One per line, in order; up to 20.",
    missedOptions: { CANCEL: "Cancel all orders", EXTEND: "Extend once" },
    underpaidOptions: {
      PROCEED: "Make it anyway",
      PROCEED_IF_AT_LEAST: "Make it from a percentage of the threshold",
      CANCEL_AND_REFUND: "Cancel and refund",
    },
    create: {
      label: "New window",
      title: "New window",
      effect: "A window without offers is created. Nobody can reserve until it has one.",
      confirm: "Create the window",
      done: (name) => `${name} is created. Add an offer next.`,
    },
    edit: {
      label: "Edit",
      title: "Edit the window",
      effect: "Customers see the new end at once. The start of a window that has begun cannot change.",
      confirm: "Save the window",
      done: (name) => `${name} is saved.`,
    },
    offer: {
      add: "Add an offer",
      edit: "Edit",
      title: "Offer",
      effect: (threshold, max) =>
        `It is made from ${threshold} reserved pieces` +
        (max ? `; at most ${max} can be reserved.` : "; there is no upper limit."),
      confirm: "Save the offer",
      done: (name) => `${name} is offered.`,
    },
    close: {
      label: "Close now",
      title: (name) => `Close ${name} now`,
      effect: (orders, pieces) =>
        `The window ends now, and the rules of its offers decide about ${orders} orders with ${pieces} pieces. This cannot be undone.`,
      unknown: "The window ends now, and the rules of its offers decide about its orders. This cannot be undone.",
      confirm: "Close the window now",
      done: "The window is closing.",
    },
    forecast: {
      title: "If it ended now",
      body: "The result of its rules at this moment. Nothing is changed.",
      outcome: { CONFIRMABLE: "Can be made", CANCELED: "Canceled", EXTENDED: "Extended" },
      orders: (orders, pieces, money) => `${orders} orders, ${pieces} pieces, ${money}`,
      missing: (pieces) => `${pieces} missing`,
      until: (day) => `until ${day}`,
    },
    curve: { title: "Reservations", reserved: "Reserved", paid: "Paid", none: "Nobody has reserved yet." },
    orders: "Its orders",
  },
  "zh-TW": {
    title: "預購檔期",
    window: "檔期",
    period: "期間",
    state: "狀態",
    phase: { upcoming: "尚未開始", open: "進行中", over: "已結束" },
    offers: "預購商品",
    offerCount: (count) => `${count} 項商品`,
    calendar: "行事曆",
    today: "今天",
    empty: { title: "尚無檔期", body: "檔期是開放預購的期間，預購數量達標後才製作。" },
    noOffers: { title: "尚無預購商品", body: "將商品加入檔期，並設定達標數量。" },
    reserved: (reserved, threshold) => `已預購 ${reserved}／${threshold}`,
    paid: (paid) => `已付款 ${paid}`,
    capacity: (max) => (max === undefined ? "不限數量" : `上限 ${max}`),
    missing: (pieces) => `還差 ${pieces} 件`,
    closes: "截止",
    disabled: "未開放",
    extended: "已延長",
    rules: {
      lead: (lead, ship) => `製作 ${lead} 天，完成後 ${ship} 天內出貨`,
      missed: { CANCEL: "未達標：取消全部訂單", EXTEND: (days) => `未達標：延長 ${days} 天，限一次` },
      underpaid: {
        PROCEED: "付款不足：照常製作",
        PROCEED_IF_AT_LEAST: (percent) => `付款不足：達門檻 ${percent}% 即製作`,
        CANCEL_AND_REFUND: "付款不足：取消並全額退款",
      },
      pay: (hours) => `付款期限 ${hours} 小時`,
      perCustomer: (max) => `每人限購 ${max} 件`,
    },
    name: "名稱",
    start: "開始",
    end: "結束",
    timezone: "時區",
    product: "商品",
    enabled: "開放預購",
    threshold: "達標數量",
    thresholdHelp: "預購達此數量即可製作。",
    max: "數量上限",
    maxHelp: "可預購的最大數量，留空表示不限。",
    leadDays: "製作天數",
    shipDays: "出貨天數",
    perCustomer: "每人限購",
    whenMissed: "未達標時",
    extendDays: "延長天數",
    whenUnderpaid: "付款不足時",
    underpaidPercent: "門檻百分比",
    payHours: "付款期限（小時）",
    steps: "製作步驟",
    stepsHelp: "依序每行一項，最多 20 項。",
    missedOptions: { CANCEL: "取消全部訂單", EXTEND: "延長一次" },
    underpaidOptions: {
      PROCEED: "照常製作",
      PROCEED_IF_AT_LEAST: "達一定比例即製作",
      CANCEL_AND_REFUND: "取消並退款",
    },
    create: {
      label: "新增檔期",
      title: "新增檔期",
      effect: "將建立尚無商品的檔期，加入商品後才能預購。",
      confirm: "建立檔期",
      done: (name) => `已建立「${name}」，接著請加入商品。`,
    },
    edit: {
      label: "編輯",
      title: "編輯檔期",
      effect: "顧客會立即看到新的結束時間；已開始的檔期無法更改開始時間。",
      confirm: "儲存檔期",
      done: (name) => `已儲存「${name}」。`,
    },
    offer: {
      add: "加入商品",
      edit: "編輯",
      title: "預購商品",
      effect: (threshold, max) => `預購達 ${threshold} 件即製作，` + (max ? `最多可預購 ${max} 件。` : "數量不限。"),
      confirm: "儲存預購商品",
      done: (name) => `「${name}」已開放預購。`,
    },
    close: {
      label: "立即結束",
      title: (name) => `立即結束「${name}」`,
      effect: (orders, pieces) => `檔期將依規則立即結束，影響 ${orders} 筆訂單、${pieces} 件商品。此動作無法復原。`,
      unknown: "檔期將依規則立即結束。此動作無法復原。",
      confirm: "立即結束檔期",
      done: "檔期結束處理中。",
    },
    forecast: {
      title: "若現在結束",
      body: "依目前規則試算的結果，不會寫入任何資料。",
      outcome: { CONFIRMABLE: "可製作", CANCELED: "取消", EXTENDED: "延長" },
      orders: (orders, pieces, money) => `${orders} 筆訂單、${pieces} 件、${money}`,
      missing: (pieces) => `差 ${pieces} 件`,
      until: (day) => `至 ${day}`,
    },
    curve: { title: "預購趨勢", reserved: "已預購", paid: "已付款", none: "尚無人預購。" },
    orders: "相關訂單",
  },
};
