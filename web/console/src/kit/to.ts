/** The console's addresses below its base. */
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
  delivery: () => "/delivery",
  customers: () => "/customers",
  customer: (customer: string) => `/customers/${id(customer)}`,
  money: () => "/money",
  machine: (tab?: string, filters?: Record<string, string>) => "/machine" + (tab ? `/${tab}` : "") + query(filters),
} as const;

function query(filters: Record<string, string> = {}): string {
  const text = new URLSearchParams(filters).toString();
  return text ? `?${text}` : "";
}

/** The kind of a search text: an order's number or id, a phone number (`+…` or `0…`), or an e-mail address. */
export function searchOf(text: string): Record<string, string> | undefined {
  const term = text.trim();
  if (term === "") return undefined;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(term)) return { order_id: term.toLowerCase() };
  if (term.includes("@")) return { email: term };
  if (/^[+0(][0-9 ()./+-]{6,}$/.test(term)) return { phone: term };
  return { order_no: term.toUpperCase() };
}
