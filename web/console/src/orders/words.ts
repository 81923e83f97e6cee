import type { Dictionary } from "@millrun/api";

export interface OrderWords {
  title: string;
  number: string;
  placed: string;
  status: string;
  kind: { label: string; INSTANT: string; PREORDER: string };
  lines: string;
  total: string;
  pieces: (quantity: number) => string;
  filters: Record<"order_no" | "phone" | "email" | "created_from" | "created_to", string>;
  filteredBy: Record<"order_id" | "customer_id" | "product_id" | "sell_window_id", string>;
  empty: { title: string; body: string };
  noneFound: { title: string; body: string };
  totals: (count: number, money: string) => string;
  items: string;
  unit: string;
  quantity: string;
  discount: string;
  subtotal: string;
  itemsTotal: string;
  shipping: string;
  refunded: string;
  contact: string;
  name: string;
  phone: string;
  email: string;
  address: string;
  erased: string;
  delivery: string;
  carrier: string;
  trackingNo: string;
  pickup: string;
  shippedAt: string;
  notShipped: string;
  payment: string;
  payments: string;
  method: string;
  methods: Record<string, string>;
  noPayments: string;
  messages: string;
  noMessages: string;
  timeline: string;
  by: (who: string) => string;
  byWhom: { customer: string; shop: string };
  customer: string;
  holdUntil: string;
  payBefore: string;
  late: string;
  coupon: string;
  ship: {
    label: string;
    title: (no: string) => string;
    way: string;
    parcel: string;
    pickup: string;
    effect: (pieces: number, name: string) => string;
    confirm: string;
    done: (no: string) => string;
    pickupHelp: string;
  };
  cancel: {
    label: string;
    title: (no: string) => string;
    reason: string;
    reasonHelp: string;
    effect: (pieces: number, paid: string | undefined) => string;
    confirm: string;
    done: (no: string) => string;
  };
  refund: {
    label: string;
    title: (no: string) => string;
    amount: string;
    amountHelp: (left: string) => string;
    reason: string;
    effect: (amount: string, whole: boolean) => string;
    confirm: (amount: string) => string;
    done: (no: string) => string;
  };
  correct: { label: string; title: string; effect: string; confirm: string; done: string };
}

export const WORDS: Dictionary<OrderWords> = {
  en: {
    title: "Orders",
    number: "Order",
    placed: "Placed",
    status: "Status",
    kind: { label: "Kind", INSTANT: "In stock", PREORDER: "Preorder" },
    lines: "Items",
    total: "Total",
    pieces: (quantity) => (quantity === 1 ? "1 piece" : `${quantity} pieces`),
    filters: {
      order_no: "Order number",
      phone: "Phone",
      email: "E-mail",
      created_from: "From",
      created_to: "To",
    },
    filteredBy: { order_id: "Order", customer_id: "Customer", product_id: "Product", sell_window_id: "Window" },
    empty: {
      title: "No orders yet",
      body: "Orders are listed here as soon as they are placed. Put a product on sale, or open a window for preorders.",
    },
    noneFound: {
      title: "No order matches these filters",
      body: "Check the number, or remove a filter.",
    },
    totals: (count, money) => `${count} orders, ${money}`,
    items: "Items",
    unit: "Each",
    quantity: "Quantity",
    discount: "Discount",
    subtotal: "Amount",
    itemsTotal: "Items",
    shipping: "Delivery",
    refunded: "Refunded",
    contact: "Contact",
    name: "Name",
    phone: "Phone",
    email: "E-mail",
    address: "Address",
    erased: "The contact data of this order was erased.",
    delivery: "Delivery",
    carrier: "Carrier",
    trackingNo: "Tracking number",
    pickup: "Pickup",
    shippedAt: "Shipped",
    notShipped: "Not shipped yet.",
    payment: "Payment",
    payments: "Payments",
    method: "Payment method",
    methods: {
      POINTS: "Points",
      ECPAY: "ECPay",
      NEWEBPAY: "NewebPay",
      LINE_PAY: "LINE Pay",
      OUTSIDE: "External system",
      EXTERNAL: "External system",
    },
    noPayments: "No payment has been tried yet.",
    messages: "Messages",
    noMessages: "No message about this order yet.",
    timeline: "History",
    by: (who) => `by ${who}`,
    byWhom: { customer: "the customer", shop: "the shop" },
    customer: "Customer",
    holdUntil: "Held until",
    payBefore: "To be paid before",
    late: "Paid after its deadline; its units were still available, so the order is fulfilled.",
    coupon: "Coupon",
    ship: {
      label: "Ship",
      title: (no) => `Ship order ${no}`,
      way: "How",
      parcel: "By a carrier",
      pickup: "Picked up",
      effect: (pieces, name) =>
        `${pieces === 1 ? "1 piece goes" : `${pieces} pieces go`} to ${name}, who is notified. This cannot be undone.`,
      confirm: "Mark as shipped and notify the customer",
      done: (no) => `Order ${no} is shipped; the customer is being notified.`,
      pickupHelp: "Place and time of the pick-up. The customer sees this text.",
    },
    cancel: {
      label: "Cancel order",
      title: (no) => `Cancel order ${no}`,
      reason: "Reason",
      reasonHelp: "Shown in the order's history.",
      effect: (pieces, paid) =>
        `${pieces === 1 ? "1 piece goes" : `${pieces} pieces go`} back on sale` +
        (paid ? `, and ${paid} is refunded to the customer.` : ". Nothing was paid."),
      confirm: "Cancel this order",
      done: (no) => `Order ${no} is canceled.`,
    },
    refund: {
      label: "Refund",
      title: (no) => `Refund order ${no}`,
      amount: "Amount",
      amountHelp: (left) => `Up to ${left}.`,
      reason: "Reason",
      effect: (amount, whole) =>
        whole
          ? `${amount} is refunded to the customer: the whole rest. An order that has not been shipped is canceled.`
          : `${amount} is refunded to the customer. The order does not change otherwise.`,
      confirm: (amount) => `Refund ${amount}`,
      done: (no) => `The refund of order ${no} is in progress.`,
    },
    correct: {
      label: "Correct",
      title: "Correct the contact",
      effect: "The parcel goes to this address. The addresses saved in the customer's account do not change.",
      confirm: "Save the contact",
      done: "The contact is corrected.",
    },
  },
  "zh-TW": {
    title: "訂單",
    number: "訂單編號",
    placed: "下單時間",
    status: "狀態",
    kind: { label: "類型", INSTANT: "現貨", PREORDER: "預購" },
    lines: "內容",
    total: "總額",
    pieces: (quantity) => `${quantity} 件`,
    filters: { order_no: "訂單編號", phone: "電話", email: "電子郵件", created_from: "自", created_to: "至" },
    filteredBy: { order_id: "訂單", customer_id: "顧客", product_id: "商品", sell_window_id: "檔期" },
    empty: { title: "尚無訂單", body: "有人下單後會顯示在這裡。可先上架商品，或開放預購檔期。" },
    noneFound: { title: "沒有符合條件的訂單", body: "請確認編號，或移除篩選條件。" },
    totals: (count, money) => `${count} 筆，共 ${money}`,
    items: "明細",
    unit: "單價",
    quantity: "數量",
    discount: "折扣",
    subtotal: "小計",
    itemsTotal: "商品合計",
    shipping: "運費",
    refunded: "已退款",
    contact: "聯絡資料",
    name: "姓名",
    phone: "電話",
    email: "電子郵件",
    address: "地址",
    erased: "此訂單的聯絡資料已刪除。",
    delivery: "配送",
    carrier: "物流業者",
    trackingNo: "查詢號碼",
    pickup: "取貨方式",
    shippedAt: "出貨時間",
    notShipped: "尚未出貨。",
    payment: "付款",
    payments: "付款紀錄",
    method: "付款方式",
    methods: {
      POINTS: "點數",
      ECPAY: "綠界",
      NEWEBPAY: "藍新",
      LINE_PAY: "LINE Pay",
      OUTSIDE: "外部系統",
      EXTERNAL: "外部系統",
    },
    noPayments: "尚無付款紀錄。",
    messages: "通知訊息",
    noMessages: "此訂單尚無通知訊息。",
    timeline: "處理紀錄",
    by: (who) => `由${who}`,
    byWhom: { customer: "顧客", shop: "系統" },
    customer: "顧客",
    holdUntil: "保留至",
    payBefore: "付款期限",
    late: "逾期後才付款；因名額仍可保留，訂單照常成立。",
    coupon: "優惠券",
    ship: {
      label: "出貨",
      title: (no) => `訂單 ${no} 出貨`,
      way: "方式",
      parcel: "物流配送",
      pickup: "自取",
      effect: (pieces, name) => `將寄出 ${pieces} 件給 ${name}，並通知顧客。此動作無法復原。`,
      confirm: "標記為已出貨並通知顧客",
      done: (no) => `訂單 ${no} 已出貨，正在通知顧客。`,
      pickupHelp: "取貨地點與時間，顧客會看到這段文字。",
    },
    cancel: {
      label: "取消訂單",
      title: (no) => `取消訂單 ${no}`,
      reason: "原因",
      reasonHelp: "會記錄在訂單的處理紀錄中。",
      effect: (pieces, paid) => `${pieces} 件商品將釋回` + (paid ? `，並退還 ${paid} 給顧客。` : "。此訂單尚未付款。"),
      confirm: "取消此訂單",
      done: (no) => `訂單 ${no} 已取消。`,
    },
    refund: {
      label: "退款",
      title: (no) => `訂單 ${no} 退款`,
      amount: "金額",
      amountHelp: (left) => `最多 ${left}。`,
      reason: "原因",
      effect: (amount, whole) =>
        whole ? `將退還全部餘額 ${amount}。尚未出貨的訂單會一併取消。` : `將退還 ${amount}，訂單狀態不變。`,
      confirm: (amount) => `退還 ${amount}`,
      done: (no) => `訂單 ${no} 的退款已開始處理。`,
    },
    correct: {
      label: "更正",
      title: "更正聯絡資料",
      effect: "包裹將寄到此地址，顧客帳號中的資料不變。",
      confirm: "儲存聯絡資料",
      done: "聯絡資料已更正。",
    },
  },
};
