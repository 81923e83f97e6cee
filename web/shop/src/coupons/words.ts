import type { components, Dictionary } from "@millrun/api";

type Status = components["schemas"]["UserCouponStatus"];

export interface CouponWords {
  title: string;
  campaigns: string;
  noCampaigns: string;
  mine: string;
  none: string;
  noneText: string;
  toShop: string;
  status: Record<Status, string>;
  until: (at: string) => string;
  from: (price: string) => string;
  most: (price: string) => string;
  left: (left: string, total: string) => string;
  take: string;
  taken: string;
  takenText: string;
  toMine: string;
  inLine: string;
  inLineText: string;
  starts: (at: string) => string;
  ended: string;
  soldOut: string;
  back: string;
  usedIn: string;
  signIn: string;
}

export const WORDS: Dictionary<CouponWords> = {
  en: {
    title: "Coupons",
    campaigns: "Available coupons",
    noCampaigns: "No coupons are available at the moment.",
    mine: "My coupons",
    none: "You have no coupons yet",
    noneText: "Coupons that you take are listed here.",
    toShop: "Look around in the shop",
    status: { ISSUED: "can be used", HELD: "held by an order", USED: "used", EXPIRED: "expired" },
    until: (at) => `until ${at}`,
    from: (price) => `for orders from ${price}`,
    most: (price) => `at most ${price}`,
    left: (left, total) => `${left} of ${total} left`,
    take: "Get this coupon",
    taken: "It is yours",
    takenText: "Choose it when you order.",
    toMine: "See my coupons",
    inLine: "You are in the queue",
    inLineText:
      "Many customers want this coupon at once. Your place is kept, and this page shows the result automatically, also if you come back later.",
    starts: (at) => `Available from ${at}.`,
    ended: "This campaign is over.",
    soldOut: "All coupons of this campaign are taken.",
    back: "Coupons",
    usedIn: "See the order",
    signIn: "Sign in to get it",
  },
  "zh-TW": {
    title: "優惠券",
    campaigns: "可領取的優惠券",
    noCampaigns: "目前沒有可領取的優惠券。",
    mine: "我的優惠券",
    none: "您目前沒有優惠券",
    noneText: "領取的優惠券會保留在這裡，下單時即可使用。",
    toShop: "逛逛商店",
    status: { ISSUED: "可使用", HELD: "訂單使用中", USED: "已使用", EXPIRED: "已過期" },
    until: (at) => `${at} 前有效`,
    from: (price) => `滿 ${price} 可用`,
    most: (price) => `最高折抵 ${price}`,
    left: (left, total) => `剩餘 ${left} / ${total} 張`,
    take: "領取優惠券",
    taken: "領取成功",
    takenText: "下單時即可選用。",
    toMine: "查看我的優惠券",
    inLine: "排隊中",
    inLineText: "目前領取人數眾多，已為您保留順位。結果會自動顯示，稍後回來也看得到。",
    starts: (at) => `${at} 開放領取。`,
    ended: "優惠券活動已結束。",
    soldOut: "優惠券已全數領完。",
    back: "優惠券",
    usedIn: "查看訂單",
    signIn: "登入後領取",
  },
};
