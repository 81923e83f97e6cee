import type { components, Dictionary } from "@millrun/api";

type EntryType = components["schemas"]["EntryType"];

export interface PointWords {
  title: string;
  balance: string;
  explain: string;
  topUp: string;
  amount: string;
  amountHint: string;
  notAmount: string;
  charge: (price: string) => string;
  chargeAny: string;
  charged: string;
  refused: string;
  refusedText: string;
  waiting: string;
  returned: string;
  goOn: string;
  history: string;
  entries: Record<EntryType, string>;
  none: string;
  noneText: string;
  after: (price: string) => string;
  order: string;
}

export const WORDS: Dictionary<PointWords> = {
  en: {
    title: "Points",
    balance: "You have",
    explain: "Points are prepaid money in your account: you pay with them in one click.",
    topUp: "Top up",
    amount: "Another amount",
    amountHint: "In whole NT$",
    notAmount: "Enter a whole amount above zero.",
    charge: (price) => `Top up ${price}`,
    chargeAny: "Top up",
    charged: "Your top-up has arrived.",
    refused: "The payment did not go through",
    refusedText: "You can try again.",
    waiting: "Your payment is being confirmed. The points are credited after that.",
    returned:
      "This top-up would exceed the maximum balance. The money is refunded by the payment method that was used.",
    goOn: "Continue with the payment",
    history: "Points history",
    entries: { CHARGE: "Top-up", USE: "Payment of an order", REFUND: "Refund", GRANT: "From the shop" },
    none: "No entries yet",
    noneText: "Top-ups, payments and refunds are listed here with the balance after each.",
    after: (price) => `balance ${price}`,
    order: "See the order",
  },
  "zh-TW": {
    title: "點數",
    balance: "目前餘額",
    explain: "點數即預存於帳號的金額，付款只需一步。",
    topUp: "儲值",
    amount: "其他金額",
    amountHint: "新臺幣整數金額",
    notAmount: "請輸入大於零的整數金額。",
    charge: (price) => `儲值 ${price}`,
    chargeAny: "儲值",
    charged: "儲值完成。",
    refused: "付款未完成",
    refusedText: "您可以再試一次。",
    waiting: "付款確認中，完成後點數即入帳。",
    returned: "餘額已達上限，此筆儲值款項將以原付款方式退回。",
    goOn: "繼續付款",
    history: "點數紀錄",
    entries: { CHARGE: "儲值", USE: "訂單付款", REFUND: "退還", GRANT: "商店調整" },
    none: "尚無紀錄",
    noneText: "每一筆儲值、付款與退還，以及當時的餘額都會顯示在這裡。",
    after: (price) => `餘額 ${price}`,
    order: "查看訂單",
  },
};
