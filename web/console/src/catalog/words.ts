import type { Dictionary } from "@millrun/api";

export interface CatalogWords {
  title: string;
  product: string;
  status: string;
  variants: string;
  variantCount: (count: number) => string;
  price: string;
  priceFrom: (money: string) => string;
  available: string;
  low: string;
  updated: string;
  search: string;
  empty: { title: string; body: string };
  noneFound: { title: string; body: string };
  name: string;
  description: string;
  category: string;
  tags: string;
  statusHelp: Record<"DRAFT" | "ACTIVE" | "INACTIVE", string>;
  create: {
    label: string;
    title: string;
    effect: (status: string) => string;
    confirm: string;
    done: (name: string) => string;
  };
  edit: {
    label: string;
    title: string;
    effect: (name: string) => string;
    confirm: string;
    done: (name: string) => string;
  };
  sku: string;
  skuHelp: string;
  variantName: string;
  stock: string;
  lowStock: string;
  lowStockHelp: string;
  onSale: string;
  offSale: string;
  noVariants: { title: string; body: string };
  add: {
    label: string;
    title: string;
    effect: (stock: number, money: string) => string;
    confirm: string;
    done: (name: string) => string;
  };
  change: { label: string; title: string; effect: string; confirm: string; done: (name: string) => string };
  adjust: {
    label: string;
    title: (name: string) => string;
    delta: string;
    deltaHelp: (available: number) => string;
    reason: string;
    effect: (from: number, to: number) => string;
    confirm: (delta: number) => string;
    done: (available: number) => string;
  };
  history: string;
  noHistory: string;
  by: string;
  at: string;
  delta: string;
  images: string;
  noImages: string;
  image: {
    upload: string;
    uploading: string;
    uploaded: (count: number) => string;
    fault: Record<"type" | "size", string>;
    noAlt: string;
    forward: string;
    notMoved: string;
    describe: string;
    alt: string;
    altHelp: string;
    describeEffect: string;
    describeConfirm: string;
    described: string;
    remove: string;
    removeEffect: (left: number) => string;
    removeConfirm: string;
    removed: string;
  };
}

export const WORDS: Dictionary<CatalogWords> = {
  en: {
    title: "Catalogue",
    product: "Product",
    status: "Status",
    variants: "Variants",
    variantCount: (count) => (count === 1 ? "1 variant" : `${count} variants`),
    price: "Price",
    priceFrom: (money) => `from ${money}`,
    available: "Available",
    low: "Low",
    updated: "Changed",
    search: "Name or SKU",
    empty: {
      title: "No products yet",
      body: "The shop's products are listed here. Start with a name, then add variants and prices.",
    },
    noneFound: { title: "No product matches", body: "Remove the filter, or load more of the list." },
    name: "Name",
    description: "Description",
    category: "Category",
    tags: "Tags",
    statusHelp: {
      DRAFT: "Draft: only the staff can see it.",
      ACTIVE: "On sale: everybody can see and order it.",
      INACTIVE: "Off sale: nobody can order it; existing orders do not change.",
    },
    create: {
      label: "New product",
      title: "New product",
      effect: (status) => `A product without variants is created. ${status}`,
      confirm: "Create the product",
      done: (name) => `${name} is created. Add a variant with a price next.`,
    },
    edit: {
      label: "Edit",
      title: "Edit the product",
      effect: (status) => status,
      confirm: "Save the product",
      done: (name) => `${name} is saved.`,
    },
    sku: "SKU",
    skuHelp: "Letters, digits, dots, hyphens and underscores; unique in the shop.",
    variantName: "Size or kind",
    stock: "Pieces in stock",
    lowStock: "Low-stock limit",
    lowStockHelp: "At or below this number of pieces, Home lists the variant.",
    onSale: "On sale",
    offSale: "Off sale",
    noVariants: {
      title: "No variants yet",
      body: "Customers buy variants: a size or kind with its own price and stock.",
    },
    add: {
      label: "Add a variant",
      title: "Add a variant",
      effect: (stock, money) => `It is on sale with this product: ${stock} pieces at ${money}.`,
      confirm: "Add the variant",
      done: (name) => `${name} is added.`,
    },
    change: {
      label: "Edit",
      title: "Edit the variant",
      effect: "New orders use this price. Placed orders keep theirs.",
      confirm: "Save the variant",
      done: (name) => `${name} is saved.`,
    },
    adjust: {
      label: "Adjust stock",
      title: (name) => `Adjust the stock of ${name}`,
      delta: "Pieces to add or remove",
      deltaHelp: (available) => `${available} can be ordered now. A negative number removes pieces.`,
      reason: "Reason",
      effect: (from, next) => `The stock changes from ${from} to ${next} pieces.`,
      confirm: (delta) => (delta < 0 ? `Remove ${-delta}` : `Add ${delta}`),
      done: (available) => `${available} pieces can be ordered now.`,
    },
    history: "Stock adjustments",
    noHistory: "This stock has not been adjusted yet.",
    by: "By",
    at: "When",
    delta: "Change",
    images: "Pictures",
    noImages: "No picture yet: the shop page shows the product's initial.",
    image: {
      upload: "Upload pictures",
      uploading: "Uploading",
      uploaded: (count) => (count === 1 ? "The picture is in the shop." : `${count} pictures are in the shop.`),
      fault: {
        type: "This file is not a JPEG, PNG, WebP or AVIF picture. Nothing was uploaded.",
        size: "A picture may have at most 5 MB. Make it smaller, then upload it again. Nothing was uploaded.",
      },
      noAlt: "No description",
      forward: "Move forward",
      notMoved: "The picture could not be moved. Reload the page, then try again.",
      describe: "Describe",
      alt: "Description",
      altHelp: "A description of the picture for screen readers.",
      describeEffect: "Screen readers read it, and browsers show it if the picture does not load.",
      describeConfirm: "Save the description",
      described: "The description is saved.",
      remove: "Remove",
      removeEffect: (left) =>
        left === 0
          ? "The product then has no picture: the shop page shows its initial."
          : `The product keeps ${left} of its pictures. Open pages may still show this one for a while.`,
      removeConfirm: "Remove the picture",
      removed: "The picture is removed.",
    },
  },
  "zh-TW": {
    title: "商品",
    product: "商品",
    status: "狀態",
    variants: "規格",
    variantCount: (count) => `${count} 種規格`,
    price: "價格",
    priceFrom: (money) => `${money} 起`,
    available: "可售數量",
    low: "偏低",
    updated: "更新時間",
    search: "名稱或 SKU",
    empty: { title: "尚無商品", body: "商店販售的商品會顯示在這裡。先建立名稱，再加入規格與價格。" },
    noneFound: { title: "沒有符合的商品", body: "請移除篩選條件，或載入更多商品。" },
    name: "名稱",
    description: "說明",
    category: "分類",
    tags: "標籤",
    statusHelp: {
      DRAFT: "草稿：只有員工看得到。",
      ACTIVE: "販售中：所有人都能瀏覽與下單。",
      INACTIVE: "已下架：無法再下單，既有訂單不受影響。",
    },
    create: {
      label: "新增商品",
      title: "新增商品",
      effect: (status) => `將建立尚無規格的商品。${status}`,
      confirm: "建立商品",
      done: (name) => `已建立「${name}」，接著請加入規格與價格。`,
    },
    edit: {
      label: "編輯",
      title: "編輯商品",
      effect: (status) => status,
      confirm: "儲存商品",
      done: (name) => `已儲存「${name}」。`,
    },
    sku: "SKU",
    skuHelp: "可用英數字、句點、連字號與底線，不可與其他規格重複。",
    variantName: "規格名稱",
    stock: "庫存數量",
    lowStock: "低庫存門檻",
    lowStockHelp: "可售數量低於或等於此數時，總覽會提醒。",
    onSale: "販售中",
    offSale: "已下架",
    noVariants: { title: "尚無規格", body: "規格是實際販售的項目，各有價格與庫存。" },
    add: {
      label: "新增規格",
      title: "新增規格",
      effect: (stock, money) => `將隨商品販售：${stock} 件，單價 ${money}。`,
      confirm: "新增規格",
      done: (name) => `已新增「${name}」。`,
    },
    change: {
      label: "編輯",
      title: "編輯規格",
      effect: "新訂單適用新價格，已成立的訂單維持原價。",
      confirm: "儲存規格",
      done: (name) => `已儲存「${name}」。`,
    },
    adjust: {
      label: "調整庫存",
      title: (name) => `調整「${name}」的庫存`,
      delta: "增減數量",
      deltaHelp: (available) => `目前可售 ${available} 件。輸入負數可減少庫存。`,
      reason: "原因",
      effect: (from, next) => `可售數量將由 ${from} 件變為 ${next} 件。`,
      confirm: (delta) => (delta < 0 ? `減少 ${-delta} 件` : `增加 ${delta} 件`),
      done: (available) => `目前可售 ${available} 件。`,
    },
    history: "庫存調整紀錄",
    noHistory: "尚無庫存調整紀錄。",
    by: "操作者",
    at: "時間",
    delta: "增減",
    images: "圖片",
    noImages: "尚無圖片，商店會以名稱首字顯示。",
    image: {
      upload: "上傳圖片",
      uploading: "上傳中",
      uploaded: (count) => (count === 1 ? "圖片已上架。" : `${count} 張圖片已上架。`),
      fault: {
        type: "此檔案不是 JPEG、PNG、WebP 或 AVIF 圖片，未上傳任何檔案。",
        size: "圖片不可超過 5 MB，請縮小後再上傳。未上傳任何檔案。",
      },
      noAlt: "尚無說明",
      forward: "往前移",
      notMoved: "無法移動圖片，請重新整理頁面後再試一次。",
      describe: "編輯說明",
      alt: "圖片說明",
      altHelp: "說明圖片內容，供看不到圖片的人使用。",
      describeEffect: "螢幕閱讀器會朗讀此說明，圖片無法載入時也會顯示。",
      describeConfirm: "儲存說明",
      described: "已儲存圖片說明。",
      remove: "移除",
      removeEffect: (left) =>
        left === 0
          ? "移除後此商品將沒有圖片，商店會以名稱首字顯示。"
          : `此商品將保留 ${left} 張圖片。已開啟的頁面可能仍會暫時顯示這張圖片。`,
      removeConfirm: "移除圖片",
      removed: "已移除圖片。",
    },
  },
};
