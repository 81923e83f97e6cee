import type { components, Dictionary } from "@millrun/api";

type Kind = components["schemas"]["TaskKind"];

export interface MoneyWords {
  title: string;
  kind: string;
  kinds: Record<Kind, string>;
  todo: Record<Kind, string>;
  order: string;
  amount: string;
  provider: string;
  number: string;
  when: string;
  whatToDo: string;
  done: string;
  open: string;
  state: string;
  empty: { title: string; body: string };
  needsYou: (count: number) => string;
  byHand: {
    label: string;
    title: string;
    amount: string;
    how: string;
    howHelp: string;
    effect: (amount: string) => string;
    confirm: (amount: string) => string;
    finished: string;
  };
  mark: { label: string; title: string; note: string; effect: string; confirm: string; finished: string };
}

export const WORDS: Dictionary<MoneyWords> = {
  en: {
    title: "Money",
    kind: "Kind",
    kinds: {
      LATE_SERVED: "Late, order fulfilled",
      LATE_REFUNDED: "Late, refunded",
      PAID_TWICE: "Paid twice",
      UNKNOWN_TRADE: "Unknown payment",
      UNCLEAR: "Result unknown",
      MISMATCH: "Amounts differ",
      SIMULATED: "Simulated payment",
      MANUAL_REFUND: "Manual refund",
      MANUALLY_REFUNDED: "Manually refunded",
    },
    todo: {
      LATE_SERVED: "Nothing: the money came after the deadline, its units were still available, and the order is paid.",
      LATE_REFUNDED: "Nothing: the money came after the deadline and is refunded automatically.",
      PAID_TWICE: "Nothing: the second payment is refunded automatically.",
      UNKNOWN_TRADE: "Look up the number at the provider: money came that belongs to no order.",
      UNCLEAR:
        "Look up the trade at the provider: it has given no definite result. If the money came, refund it there.",
      MISMATCH: "Compare with the provider: it reported a different amount, merchant or currency.",
      SIMULATED: "Nothing: the payment was simulated in the provider's console. The order counts as unpaid.",
      MANUAL_REFUND: "Pay the money back at the provider or by transfer, then record it here.",
      MANUALLY_REFUNDED: "Nothing: an admin has made and recorded the refund.",
    },
    order: "Order",
    amount: "Amount",
    provider: "Provider",
    number: "Provider's number",
    when: "Since",
    whatToDo: "What to do",
    done: "Done",
    open: "Open",
    state: "State",
    empty: {
      title: "No payment tasks",
      body: "Late money, double payments and refunds that a provider cannot make are listed here with instructions.",
    },
    needsYou: (count) => (count === 1 ? "1 to do" : `${count} to do`),
    byHand: {
      label: "Record the refund",
      title: "Record a manual refund",
      amount: "Refunded amount",
      how: "How it was refunded",
      howHelp: "For example: transfer of 3 December, reference 8841.",
      effect: (amount) =>
        `You confirm that ${amount} was refunded outside the shop. The shop sends no money; the amount counts as refunded.`,
      confirm: (amount) => `Record ${amount}`,
      finished: "The refund is recorded.",
    },
    mark: {
      label: "Mark done",
      title: "Mark as done",
      note: "Note",
      effect: "The task leaves the list of open tasks and keeps the note. No money moves.",
      confirm: "Mark as done",
      finished: "Marked as done.",
    },
  },
  "zh-TW": {
    title: "款項",
    kind: "事項",
    kinds: {
      LATE_SERVED: "逾期付款，已成立",
      LATE_REFUNDED: "逾期付款，已退款",
      PAID_TWICE: "重複付款",
      UNKNOWN_TRADE: "不明款項",
      UNCLEAR: "結果不明",
      MISMATCH: "金額不符",
      SIMULATED: "模擬付款",
      MANUAL_REFUND: "需人工退款",
      MANUALLY_REFUNDED: "已人工退款",
    },
    todo: {
      LATE_SERVED: "無需處理：逾期後入帳，名額仍在，訂單已付款。",
      LATE_REFUNDED: "無需處理：逾期後入帳，系統會自動退款。",
      PAID_TWICE: "無需處理：第二筆款項會自動退回，請確認是否到帳。",
      UNKNOWN_TRADE: "請至金流後台查詢此號碼：有一筆款項不屬於任何訂單。",
      UNCLEAR: "請至金流後台查詢此交易：對方一直未回報確定的結果。若款項已入帳，請在該處退款。",
      MISMATCH: "請與金流業者核對：回報的金額、商店或幣別不符。",
      SIMULATED: "無需處理：此筆為金流後台的模擬付款，訂單視為未付款。",
      MANUAL_REFUND: "請於金流後台或以匯款退款，完成後在此登記。",
      MANUALLY_REFUNDED: "無需處理：已退款並登記。",
    },
    order: "訂單",
    amount: "金額",
    provider: "金流",
    number: "金流編號",
    when: "時間",
    whatToDo: "處理方式",
    done: "已處理",
    open: "待處理",
    state: "狀態",
    empty: { title: "沒有需要處理的款項", body: "逾期入帳、重複付款與無法自動退款的款項會列在這裡，並說明處理方式。" },
    needsYou: (count) => `${count} 筆待處理`,
    byHand: {
      label: "登記退款",
      title: "登記人工退款",
      amount: "退款金額",
      how: "退款方式",
      howHelp: "例如：12/3 匯款，序號 8841。",
      effect: (amount) => `確認已在系統外退還 ${amount}。系統不會匯款，訂單將記為已退此金額。`,
      confirm: (amount) => `登記 ${amount}`,
      finished: "已登記退款。",
    },
    mark: {
      label: "標記完成",
      title: "標記為已處理",
      note: "備註",
      effect: "將自待處理清單移除並保留備註，不會有款項異動。",
      confirm: "標記為已處理",
      finished: "已標記為處理完成。",
    },
  },
};
