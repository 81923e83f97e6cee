import type { Dictionary } from "@millrun/api";

export interface CouponWords {
  title: string;
  coupon: string;
  name: string;
  discount: string;
  percent: (value: number) => string;
  off: (money: string) => string;
  upTo: (money: string) => string;
  from: (money: string) => string;
  issue: string;
  issueFrom: string;
  issueUntil: string;
  validUntil: string;
  quantity: string;
  issued: (issued: number, total: number) => string;
  held: string;
  used: string;
  remaining: string;
  phase: Record<"upcoming" | "open" | "over" | "soldOut", string>;
  listed: string;
  listedHelp: string;
  empty: { title: string; body: string };
  kind: string;
  kinds: Record<"FIXED" | "PERCENT", string>;
  value: string;
  valuePercent: string;
  max: string;
  min: string;
  facts: string;
  live: string;
  create: {
    label: string;
    title: string;
    effect: (quantity: number, worth: string) => string;
    confirm: string;
    done: (name: string) => string;
  };
  add: {
    label: string;
    title: string;
    total: string;
    totalHelp: (issued: number) => string;
    effect: (from: number, next: number) => string;
    confirm: string;
    done: (remaining: number) => string;
  };
  edit: { label: string; title: string; effect: string; confirm: string; done: (name: string) => string };
  end: {
    label: string;
    title: (name: string) => string;
    effect: (remaining: number) => string;
    confirm: string;
    done: string;
  };
}

export const WORDS: Dictionary<CouponWords> = {
  en: {
    title: "Coupons",
    coupon: "Coupon",
    name: "Name",
    discount: "Discount",
    percent: (value) => `${value} % off`,
    off: (money) => `${money} off`,
    upTo: (money) => `at most ${money}`,
    from: (money) => `from ${money}`,
    issue: "Issue period",
    issueFrom: "Can be taken from",
    issueUntil: "Can be taken until",
    validUntil: "Can be used until",
    quantity: "Coupons",
    issued: (issued, total) => `${issued} of ${total} taken`,
    held: "Held by an order",
    used: "Used",
    remaining: "Left",
    phase: { upcoming: "Begins later", open: "Open", over: "Over", soldOut: "All taken" },
    listed: "On the shop page",
    listedHelp: "Otherwise only people with the link can take it.",
    empty: {
      title: "No campaigns yet",
      body: "A campaign is a limited number of coupons; each customer can take one.",
    },
    kind: "Kind",
    kinds: { FIXED: "An amount", PERCENT: "Percent" },
    value: "Amount off",
    valuePercent: "Percent off",
    max: "At most",
    min: "For orders from",
    facts: "Campaign",
    live: "Taken and used",
    create: {
      label: "New campaign",
      title: "New campaign",
      effect: (quantity, worth) => `${quantity} customers can take one coupon each: ${worth}.`,
      confirm: "Create the campaign",
      done: (name) => `${name} is created.`,
    },
    add: {
      label: "Change the number",
      title: "Change the number of coupons",
      total: "Coupons in all",
      totalHelp: (issued) => `${issued} are taken: not fewer than this.`,
      effect: (from, next) => `From ${from} to ${next} coupons in all.`,
      confirm: "Save the number",
      done: (remaining) => `${remaining} can still be taken.`,
    },
    edit: {
      label: "Edit",
      title: "Edit the campaign",
      effect: "Coupons that were taken keep their validity.",
      confirm: "Save the campaign",
      done: (name) => `${name} is saved.`,
    },
    end: {
      label: "End now",
      title: (name) => `End ${name} now`,
      effect: (remaining) =>
        `No more coupons can be taken; ${remaining} remain unused. Coupons that were taken can still be used.`,
      confirm: "End this campaign",
      done: "The campaign is over.",
    },
  },
  "zh-TW": {
    title: "優惠券",
    coupon: "優惠券",
    name: "名稱",
    discount: "折扣",
    percent: (value) => `折 ${value}%`,
    off: (money) => `折 ${money}`,
    upTo: (money) => `最多 ${money}`,
    from: (money) => `滿 ${money}`,
    issue: "領取期間",
    issueFrom: "開放領取",
    issueUntil: "領取截止",
    validUntil: "使用期限",
    quantity: "數量",
    issued: (issued, total) => `已領取 ${issued}／${total}`,
    held: "訂單保留中",
    used: "已使用",
    remaining: "剩餘",
    phase: { upcoming: "尚未開始", open: "開放領取", over: "已結束", soldOut: "已領完" },
    listed: "顯示於商店",
    listedHelp: "未顯示時，只有知道網址的人能領取。",
    empty: { title: "尚無優惠活動", body: "建立活動後，顧客可各領取一張優惠券。" },
    kind: "類型",
    kinds: { FIXED: "固定金額", PERCENT: "百分比" },
    value: "折扣金額",
    valuePercent: "折扣百分比",
    max: "折扣上限",
    min: "最低消費",
    facts: "活動內容",
    live: "領取與使用",
    create: {
      label: "新增活動",
      title: "新增活動",
      effect: (quantity, worth) => `${quantity} 位顧客可各領取一張：${worth}。`,
      confirm: "建立活動",
      done: (name) => `已建立「${name}」。`,
    },
    add: {
      label: "調整數量",
      title: "調整優惠券數量",
      total: "總數量",
      totalHelp: (issued) => `已領取 ${issued} 張，不得少於此數。`,
      effect: (from, next) => `總數量由 ${from} 張調整為 ${next} 張。`,
      confirm: "儲存數量",
      done: (remaining) => `尚可領取 ${remaining} 張。`,
    },
    edit: {
      label: "編輯",
      title: "編輯活動",
      effect: "已領取的優惠券維持原使用期限。",
      confirm: "儲存活動",
      done: (name) => `已儲存「${name}」。`,
    },
    end: {
      label: "立即結束",
      title: (name) => `立即結束「${name}」`,
      effect: (remaining) => `將停止領取，剩餘 ${remaining} 張不再發放。已領取的仍可使用。`,
      confirm: "結束此活動",
      done: "活動已結束。",
    },
  },
};
