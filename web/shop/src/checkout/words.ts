import type { components, Dictionary } from "@millrun/api";

type Method = components["schemas"]["OfferedPaymentMethod"];

export interface CheckoutWords {
  title: string;
  reserveTitle: string;
  contact: string;
  name: string;
  phone: string;
  phoneHint: string;
  email: string;
  emailHint: string;
  address: string;
  addressHint: string;
  otherAddress: string;
  saveAddress: string;
  missing: string;
  tooShort: string;
  notEmail: string;
  delivery: string;
  free: string;
  freeFrom: (price: string) => string;
  postalCode: string;
  postalCodeHint: (price: string) => string;
  coupon: string;
  noCoupon: string;
  noCoupons: string;
  couponMin: (price: string) => string;
  pay: string;
  methods: Record<Method, string>;
  methodHints: Record<Exclude<Method, "POINTS">, string>;
  balance: (price: string) => string;
  tooFewPoints: (price: string) => string;
  summary: string;
  items: string;
  discount: string;
  shipping: string;
  quoting: string;
  total: string;
  order: string;
  orderAndPay: (price: string) => string;
  reserve: string;
  held: string;
  nothingCharged: string;
  sending: string;
  settling: string;
  emptyTitle: string;
  emptyText: string;
  toShop: string;
  quantity: (quantity: number) => string;
  change: string;
}

export const WORDS: Dictionary<CheckoutWords> = {
  en: {
    title: "Delivery and payment",
    reserveTitle: "Reserve",
    contact: "Delivery address",
    name: "Name",
    phone: "Phone",
    phoneHint: "For the parcel service, such as 0912 345 678",
    email: "E-mail",
    emailHint: "For messages about this order",
    address: "Address",
    addressHint: "Postal code, city, street and number",
    otherAddress: "Another address",
    saveAddress: "Save this address for the next order",
    missing: "This field is required.",
    tooShort: "A phone number has 6 to 20 digits.",
    notEmail: "This does not look like an e-mail address.",
    delivery: "Delivery method",
    free: "Free",
    freeFrom: (price) => `free from ${price}`,
    postalCode: "Postal code",
    postalCodeHint: (price) => `Delivery to an outlying island costs ${price} more`,
    coupon: "Coupon",
    noCoupon: "No coupon",
    noCoupons: "You have no coupon that can be used now.",
    couponMin: (price) => `from ${price}`,
    pay: "Payment method",
    methods: { POINTS: "Points", ECPAY: "ECPay", NEWEBPAY: "NewebPay", LINE_PAY: "LINE Pay" },
    methodHints: {
      ECPAY: "Card, or another instant payment method",
      NEWEBPAY: "Card, or another instant payment method",
      LINE_PAY: "In the LINE app",
    },
    balance: (price) => `You have ${price}`,
    tooFewPoints: (price) => `You have ${price}: not enough for this order`,
    summary: "Your order",
    items: "Items",
    discount: "Coupon",
    shipping: "Delivery",
    quoting: "Calculating the total …",
    total: "Total",
    order: "Order and pay",
    orderAndPay: (price) => `Order and pay ${price}`,
    reserve: "Reserve, pay later",
    held: "Your pieces are held for 15 minutes while you pay.",
    nothingCharged: "Nothing is charged now. You pay once it is certain that the product will be made.",
    sending: "Sending your order …",
    settling: "The connection was lost while your order was being sent. Checking whether it arrived …",
    emptyTitle: "There is nothing to order",
    emptyText: "Your cart is empty: it may have been ordered in another tab.",
    toShop: "Look around in the shop",
    quantity: (quantity) => `${quantity} ×`,
    change: "Change",
  },
  "zh-TW": {
    title: "收件與付款",
    reserveTitle: "預購",
    contact: "收件資料",
    name: "姓名",
    phone: "電話",
    phoneHint: "供物流聯絡使用，例如 0912 345 678",
    email: "電子郵件",
    emailHint: "訂單通知會寄到這裡",
    address: "地址",
    addressHint: "郵遞區號、縣市、路名與門牌",
    otherAddress: "使用其他地址",
    saveAddress: "儲存此地址，下次下單可直接選用",
    missing: "請填寫此欄位。",
    tooShort: "電話號碼需為 6 至 20 碼。",
    notEmail: "電子郵件格式不正確。",
    delivery: "配送方式",
    free: "免運費",
    freeFrom: (price) => `滿 ${price} 免運`,
    postalCode: "郵遞區號",
    postalCodeHint: (price) => `寄送離島加收 ${price}`,
    coupon: "優惠券",
    noCoupon: "不使用優惠券",
    noCoupons: "目前沒有可用的優惠券。",
    couponMin: (price) => `滿 ${price} 可用`,
    pay: "付款方式",
    methods: { POINTS: "點數", ECPAY: "綠界科技", NEWEBPAY: "藍新金流", LINE_PAY: "LINE Pay" },
    methodHints: {
      ECPAY: "信用卡等即時付款方式",
      NEWEBPAY: "信用卡等即時付款方式",
      LINE_PAY: "使用 LINE 付款",
    },
    balance: (price) => `餘額 ${price}`,
    tooFewPoints: (price) => `餘額 ${price}，不足以支付此訂單`,
    summary: "訂單內容",
    items: "商品小計",
    discount: "優惠券折抵",
    shipping: "運費",
    quoting: "正在計算總額…",
    total: "總計",
    order: "下單並付款",
    orderAndPay: (price) => `下單並付款 ${price}`,
    reserve: "預購，之後再付款",
    held: "付款期間，商品為您保留 15 分鐘。",
    nothingCharged: "現在不會收款。確定製作後會通知您付款。",
    sending: "正在送出訂單…",
    settling: "送出訂單時連線中斷，正在向商店確認結果。",
    emptyTitle: "沒有可以結帳的商品",
    emptyText: "購物車是空的，可能已在其他分頁完成下單。",
    toShop: "逛逛商店",
    quantity: (quantity) => `${quantity} ×`,
    change: "修改",
  },
};
