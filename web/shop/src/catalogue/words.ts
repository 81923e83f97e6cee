import type { Dictionary } from "@millrun/api";

export interface CatalogueWords {
  title: string;
  lead: string;
  open: string;
  openLead: string;
  products: string;
  find: string;
  findHint: string;
  category: string;
  allCategories: string;
  sort: string;
  sorts: Record<"best" | "newest" | "price_asc" | "price_desc", string>;
  noneFound: string;
  noneFoundText: string;
  seeAll: string;
  rank: (rank: number) => string;
  from: (price: string) => string;
  soldOut: string;
  reservable: string;
  left: (quantity: number) => string;
  noProducts: string;
  noProductsText: string;
  back: string;
  choose: string;
  addToCart: string;
  added: string;
  toCart: string;
  cartFull: string;
  inWindow: string;
  inWindowText: (window: string) => string;
  toWindow: string;
  unavailable: string;
  pictures: string;
  picture: (number: number, count: number) => string;
}

export const WORDS: Dictionary<CatalogueWords> = {
  en: {
    title: "Made in small runs",
    lead: "Tea, coats and prints: made once enough are reserved, or in stock and ready to ship.",
    open: "Open for reservation",
    openLead: "Reserve now, pay later. A product is made once enough are reserved.",
    products: "In stock",
    find: "Search",
    findHint: "Part of a name",
    category: "Category",
    allCategories: "All",
    sort: "Sort",
    sorts: {
      best: "Best sellers",
      newest: "Newest",
      price_asc: "Price: low to high",
      price_desc: "Price: high to low",
    },
    noneFound: "No product found",
    noneFoundText: "Try a shorter part of the name, or another category.",
    seeAll: "Show everything",
    rank: (rank) => `Best seller no. ${rank}`,
    from: (price) => `from ${price}`,
    soldOut: "Sold out",
    reservable: "Open for reservation",
    left: (quantity) => `Only ${quantity} left`,
    noProducts: "No products yet",
    noProductsText: "Products appear here as soon as the shop puts them on sale.",
    back: "Shop",
    choose: "Kind",
    addToCart: "Add to cart",
    added: "It is in your cart.",
    toCart: "Go to the cart",
    cartFull: "An order can have at most 50 different items. Order these first.",
    inWindow: "Also open for reservation",
    inWindowText: (window) => `You can also reserve it in “${window}”.`,
    toWindow: "See the progress",
    unavailable: "This cannot be ordered at the moment.",
    pictures: "Pictures",
    picture: (number, count) => `Picture ${number} of ${count}`,
  },
  "zh-TW": {
    title: "小量製作的好物",
    lead: "茶、大衣與版畫。達到預購數量才開始製作，現貨則可即日出貨。",
    open: "預購中",
    openLead: "預購時不需付款，達標後才開始製作並請您付款。",
    products: "現貨",
    find: "搜尋",
    findHint: "商品名稱",
    category: "分類",
    allCategories: "全部",
    sort: "排序",
    sorts: { best: "熱銷優先", newest: "最新上架", price_asc: "價格由低至高", price_desc: "價格由高至低" },
    noneFound: "找不到符合的商品",
    noneFoundText: "請縮短關鍵字，或改選其他分類。",
    seeAll: "顯示全部商品",
    rank: (rank) => `熱銷第 ${rank} 名`,
    from: (price) => `${price} 起`,
    soldOut: "已售完",
    reservable: "預購中",
    left: (quantity) => `僅剩 ${quantity} 件`,
    noProducts: "目前尚無商品",
    noProductsText: "商品上架後會顯示在這裡。",
    back: "商店",
    choose: "規格",
    addToCart: "加入購物車",
    added: "已加入購物車。",
    toCart: "前往購物車",
    cartFull: "一筆訂單最多 50 種規格，請先結帳。",
    inWindow: "同時開放預購",
    inWindowText: (window) => `此商品正在「${window}」檔期募集預購。`,
    toWindow: "查看進度",
    unavailable: "此商品目前無法訂購。",
    pictures: "圖片",
    picture: (number, count) => `第 ${number} 張圖片，共 ${count} 張`,
  },
};
