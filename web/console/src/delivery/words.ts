import type { Dictionary } from "@millrun/api";
import type { Kind } from "./api";

export interface DeliveryWords {
  title: string;
  lead: string;
  name: string;
  nameHelp: string;
  code: string;
  codeHelp: string;
  codeWrong: string;
  codeTaken: string;
  kind: string;
  kinds: Record<Kind, string>;
  fee: string;
  free: string;
  freeFrom: string;
  freeFromHelp: string;
  island: string;
  islandHelp: string;
  sort: string;
  sortHelp: string;
  enabled: string;
  enabledHelp: string;
  state: string;
  states: { enabled: string; disabled: string };
  empty: { title: string; body: string };
  create: { label: string; title: string; confirm: string };
  edit: { label: string; title: (name: string) => string; confirm: string };
  turnOn: { label: string; title: (name: string) => string; confirm: string };
  turnOff: { label: string; title: (name: string) => string; confirm: string };
  effect: {
    shown: (cost: string) => string;
    hidden: string;
    first: string;
    last: string;
    placed: string;
  };
  cost: {
    freeFrom: (price: string) => string;
    island: (price: string) => string;
  };
  done: (name: string) => string;
}

export const WORDS: Dictionary<DeliveryWords> = {
  en: {
    title: "Delivery",
    lead: "The shipping methods and their fees. Customers see the methods in this order.",
    name: "Name",
    nameHelp: "The name that customers see, such as the carrier and the delivery time.",
    code: "Code",
    codeHelp: "The code in orders and in the API, such as HOME. It cannot be changed later.",
    codeWrong: "1 to 32 letters, digits, hyphens and underscores",
    codeTaken: "Another method has this code.",
    kind: "Kind",
    kinds: { HOME: "Delivered to the address", PICKUP: "Picked up at the shop" },
    fee: "Fee",
    free: "Free",
    freeFrom: "Free from",
    freeFromHelp: "The total of the items after the coupon. Empty: the fee is never waived.",
    island: "Outlying islands",
    islandHelp: "The surcharge for an outlying island, also if the fee is waived. Orders then need a postal code.",
    sort: "Position",
    sortHelp: "In ascending order.",
    enabled: "Customers can choose it",
    enabledHelp: "Once a method is enabled, every order must choose one.",
    state: "State",
    states: { enabled: "Can be chosen", disabled: "Hidden" },
    empty: {
      title: "No shipping methods yet",
      body: "Customers order without choosing one, and delivery is free. Once a method is enabled, every order must choose one.",
    },
    create: { label: "New method", title: "New shipping method", confirm: "Add the method" },
    edit: { label: "Change", title: (name) => `Change ${name}`, confirm: "Save the method" },
    turnOn: { label: "Show", title: (name) => `Let customers choose ${name}`, confirm: "Show it to customers" },
    turnOff: { label: "Hide", title: (name) => `Hide ${name} from customers`, confirm: "Hide it from customers" },
    effect: {
      shown: (cost) => `Customers can choose it: ${cost}.`,
      hidden: "Customers cannot choose it.",
      first: "It is the first that can be chosen: from now on every order has to choose a method.",
      last: "No enabled method is left: customers order without one, and delivery is free.",
      placed: "Placed orders keep their method and fee.",
    },
    cost: {
      freeFrom: (price) => `free from ${price}`,
      island: (price) => `${price} more to an outlying island`,
    },
    done: (name) => `${name} is saved.`,
  },
  "zh-TW": {
    title: "配送",
    lead: "設定訂單的配送方式與運費。顧客依此順序看到各種方式。",
    name: "名稱",
    nameHelp: "顧客看到的名稱，例如物流業者與所需天數。",
    code: "代碼",
    codeHelp: "訂單與 API 使用的代碼，例如 HOME，之後無法更改。",
    codeWrong: "1 至 32 個英文字母、數字、連字號或底線",
    codeTaken: "已有相同代碼的配送方式。",
    kind: "類型",
    kinds: { HOME: "宅配到府", PICKUP: "門市自取" },
    fee: "運費",
    free: "免運費",
    freeFrom: "免運門檻",
    freeFromHelp: "以折抵後的商品總額計算。留空表示不提供免運。",
    island: "離島加價",
    islandHelp: "寄送離島的加價，免運時仍會收取。設定後，顧客下單時須填寫郵遞區號。",
    sort: "排序",
    sortHelp: "數字小的排在前面。",
    enabled: "開放顧客選用",
    enabledHelp: "只要有一種方式開放選用，每筆訂單都必須選擇配送方式。",
    state: "狀態",
    states: { enabled: "開放選用", disabled: "已隱藏" },
    empty: {
      title: "尚無配送方式",
      body: "目前顧客下單時不需選擇配送方式，也不收運費。開放任一方式後，每筆訂單都必須選擇。",
    },
    create: { label: "新增配送方式", title: "新增配送方式", confirm: "新增" },
    edit: { label: "修改", title: (name) => `修改「${name}」`, confirm: "儲存" },
    turnOn: { label: "開放", title: (name) => `開放顧客選用「${name}」`, confirm: "開放選用" },
    turnOff: { label: "隱藏", title: (name) => `對顧客隱藏「${name}」`, confirm: "隱藏" },
    effect: {
      shown: (cost) => `顧客可選用此方式：${cost}。`,
      hidden: "顧客無法選用此方式。",
      first: "這是第一種開放的方式，此後每筆訂單都必須選擇配送方式。",
      last: "將不再有開放的方式，顧客下單時不需選擇，也不收運費。",
      placed: "已成立的訂單會保留原本的配送方式與運費。",
    },
    cost: {
      freeFrom: (price) => `滿 ${price} 免運`,
      island: (price) => `離島加收 ${price}`,
    },
    done: (name) => `「${name}」已儲存。`,
  },
};
