import type { Dictionary } from "@millrun/api";

export interface WindowWords {
  open: string;
  openLead: string;
  progress: (reserved: string, threshold: string) => string;
  madeWhen: (threshold: string) => string;
  reached: string;
  nothingBefore: string;
  closesIn: string;
  closesAt: (time: string, zone: string) => string;
  opensAt: (time: string) => string;
  left: (places: string) => string;
  full: string;
  over: string;
  from: (price: string) => string;
  price: string;
  reserve: string;
  kind: string;
  most: (pieces: number) => string;
  next: string;
  steps: {
    reserved: string;
    enough: (threshold: string) => string;
    pay: (hours: number) => string;
    made: string;
    shipped: (day: string) => string;
  };
  back: string;
  shipNote: string;
}

export const WORDS: Dictionary<WindowWords> = {
  en: {
    open: "Open for reservation",
    openLead: "Reserve now, pay later. A product is made once enough are reserved.",
    progress: (reserved, threshold) => `${reserved} of ${threshold} reserved`,
    madeWhen: (threshold) => `Made once ${threshold} are reserved. Nothing is charged before that.`,
    reached: "Enough pieces are reserved: it will be made.",
    nothingBefore: "You pay once it is certain that it will be made.",
    closesIn: "Closes in",
    closesAt: (time, zone) => `Closes ${time} (${zone})`,
    opensAt: (time) => `Opens ${time}`,
    left: (places) => `${places} places left`,
    full: "All places are taken. A place may become free if somebody cancels.",
    over: "Reservations are closed.",
    from: (price) => `from ${price}`,
    price: "Price",
    reserve: "Reserve, pay later",
    kind: "Kind",
    most: (pieces) => `At most ${pieces} per customer`,
    next: "What happens next",
    steps: {
      reserved: "You reserve without paying",
      enough: (threshold) => `${threshold} pieces are reserved`,
      pay: (hours) => `You pay within ${hours} hours`,
      made: "It is made",
      shipped: (day) => `It is shipped, about ${day}`,
    },
    back: "Shop",
    shipNote: "The day is an estimate, counted from the window's end.",
  },
  "zh-TW": {
    open: "預購中",
    openLead: "預購時不需付款，達標後才開始製作並請您付款。",
    progress: (reserved, threshold) => `已預購 ${reserved} / ${threshold} 件`,
    madeWhen: (threshold) => `滿 ${threshold} 件即開始製作，在此之前不會向您收款。`,
    reached: "已達標，確定製作。",
    nothingBefore: "確定製作後才需付款。",
    closesIn: "距離截止",
    closesAt: (time, zone) => `${time} 截止（${zone}）`,
    opensAt: (time) => `${time} 開始預購`,
    left: (places) => `剩餘 ${places} 個名額`,
    full: "名額已滿。若有人取消，名額會重新釋出。",
    over: "預購已截止。",
    from: (price) => `${price} 起`,
    price: "價格",
    reserve: "預購，之後再付款",
    kind: "規格",
    most: (pieces) => `每人最多 ${pieces} 件`,
    next: "接下來的流程",
    steps: {
      reserved: "您完成預購，不需付款",
      enough: (threshold) => `預購滿 ${threshold} 件`,
      pay: (hours) => `通知您於 ${hours} 小時內付款`,
      made: "開始製作",
      shipped: (day) => `預計 ${day} 前後出貨`,
    },
    back: "商店",
    shipNote: "出貨日為預估，自檔期截止日起算。",
  },
};
