import type { Dictionary } from "@millrun/api";

export interface CustomerWords {
  title: string;
  customer: string;
  email: string;
  phone: string;
  since: string;
  erased: string;
  empty: { title: string; body: string };
  noneFound: { title: string; body: string };
  balance: string;
  orders: string;
  allOrders: string;
  noOrders: string;
  coupons: string;
  noCoupons: string;
  validUntil: string;
  facts: string;
  grant: {
    label: string;
    title: string;
    amount: string;
    help: string;
    reason: string;
    effect: (before: string, after: string) => string;
    confirm: (amount: string, below: boolean) => string;
    done: (balance: string) => string;
  };
  erase: {
    label: string;
    title: string;
    effect: string;
    confirm: string;
    done: string;
    word: string;
    type: (word: string) => string;
  };
}

export const WORDS: Dictionary<CustomerWords> = {
  en: {
    title: "Customers",
    customer: "Customer",
    email: "E-mail",
    phone: "Phone",
    since: "Customer since",
    erased: "The account was erased",
    empty: { title: "No customers yet", body: "Customers who sign up on the shop page are listed here." },
    noneFound: { title: "No customer matches", body: "Check the spelling: e-mail and phone must match exactly." },
    balance: "Points",
    orders: "Orders",
    allOrders: "All orders",
    noOrders: "No orders yet.",
    coupons: "Coupons",
    noCoupons: "No coupons.",
    validUntil: "until",
    facts: "Account",
    grant: {
      label: "Give points",
      title: "Give or take points",
      amount: "Amount",
      help: "A negative amount takes points back.",
      reason: "Reason",
      effect: (before, after) =>
        `The balance changes from ${before} to ${after}. The entry is in the customer's history.`,
      confirm: (amount, below) => (below ? `Take ${amount} back` : `Give ${amount}`),
      done: (balance) => `The balance is ${balance} now.`,
    },
    erase: {
      label: "Erase personal data",
      title: "Erase this customer's personal data",
      effect:
        "The account, the saved addresses and the contact data of all orders are erased. Orders, payments and points are kept. Refused while an order is open. This cannot be undone.",
      confirm: "Erase the personal data",
      done: "The personal data is erased.",
      word: "erase",
      type: (word) => `Type “${word}” to continue`,
    },
  },
  "zh-TW": {
    title: "顧客",
    customer: "顧客",
    email: "電子郵件",
    phone: "電話",
    since: "註冊時間",
    erased: "帳號已刪除",
    empty: { title: "尚無顧客", body: "在商店註冊的顧客會顯示在這裡。" },
    noneFound: { title: "找不到符合的顧客", body: "請確認內容，電子郵件與電話需完整相符。" },
    balance: "點數",
    orders: "訂單",
    allOrders: "全部訂單",
    noOrders: "尚無訂單。",
    coupons: "優惠券",
    noCoupons: "沒有優惠券。",
    validUntil: "期限",
    facts: "帳號",
    grant: {
      label: "贈點",
      title: "贈送或扣除點數",
      amount: "點數",
      help: "輸入負數可扣除點數。",
      reason: "原因",
      effect: (before, after) => `餘額將由 ${before} 變為 ${after}，並記錄在顧客的點數紀錄中。`,
      confirm: (amount, below) => (below ? `扣除 ${amount}` : `贈送 ${amount}`),
      done: (balance) => `目前餘額為 ${balance}。`,
    },
    erase: {
      label: "刪除個人資料",
      title: "刪除此顧客的個人資料",
      effect:
        "將刪除帳號、已儲存的地址，以及所有訂單的聯絡資料；訂單、付款與點數紀錄會保留。有進行中的訂單時無法刪除。此動作無法復原。",
      confirm: "刪除個人資料",
      done: "個人資料已刪除。",
      word: "刪除",
      type: (word) => `請輸入「${word}」以繼續`,
    },
  },
};
