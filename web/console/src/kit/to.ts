/** The console's addresses, under its base. */
const id = encodeURIComponent;

export const to = {
  home: () => "/",
  orders: (filters?: Record<string, string>) => "/orders" + query(filters),
  order: (order: string) => `/orders/${id(order)}`,
  fulfilment: (tab?: string) => "/fulfilment" + (tab ? `/${tab}` : ""),
  catalog: () => "/catalog",
  product: (product: string) => `/catalog/${id(product)}`,
  windows: () => "/windows",
  window: (window: string) => `/windows/${id(window)}`,
  batches: () => "/batches",
  batch: (batch: string) => `/batches/${id(batch)}`,
  workOrders: () => "/work-orders",
  workOrder: (workOrder: string) => `/work-orders/${id(workOrder)}`,
  coupons: () => "/coupons",
  coupon: (coupon: string) => `/coupons/${id(coupon)}`,
  customers: () => "/customers",
  customer: (customer: string) => `/customers/${id(customer)}`,
  money: () => "/money",
  machine: (tab?: string, filters?: Record<string, string>) => "/machine" + (tab ? `/${tab}` : "") + query(filters),
} as const;

function query(filters: Record<string, string> = {}): string {
  const text = new URLSearchParams(filters).toString();
  return text ? `?${text}` : "";
}

/** What a search text means: an order's number or id, a phone number, an e-mail address. */
export function searchOf(text: string): Record<string, string> | undefined {
  const term = text.trim();
  if (term === "") return undefined;
  if (term.includes("@")) return { email: term };
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(term)) return { order_id: term.toLowerCase() };
  // An order's number has 16 characters and a phone number at most 15 digits.
  const digits = term.replace(/[ ().-]/g, "");
  if (/^\+?\d{6,15}$/.test(digits)) return { phone: digits };
  return { order_no: term.toUpperCase() };
}
