import { lazy, type ComponentType, type LazyExoticComponent } from "react";

type Params = Record<string, string | undefined>;
type Screen = ComponentType<{ params: Params }>;

interface Entry {
  path: string;
  screen: LazyExoticComponent<Screen>;
}

/** The screens, each loaded when it is first opened. */
export const SCREENS: readonly Entry[] = [
  { path: "/", screen: lazy(async () => ({ default: (await import("./home/Home")).Home })) },
  { path: "/orders", screen: lazy(async () => ({ default: (await import("./orders/Orders")).Orders })) },
  { path: "/orders/:id", screen: lazy(async () => ({ default: (await import("./orders/Order")).Order })) },
  {
    path: "/fulfilment/:tab?",
    screen: lazy(async () => ({ default: (await import("./fulfilment/Fulfilment")).Fulfilment })),
  },
  { path: "/catalog", screen: lazy(async () => ({ default: (await import("./catalog/Catalog")).Catalog })) },
  { path: "/catalog/:id", screen: lazy(async () => ({ default: (await import("./catalog/Product")).Product })) },
  { path: "/windows", screen: lazy(async () => ({ default: (await import("./windows/Windows")).Windows })) },
  { path: "/windows/:id", screen: lazy(async () => ({ default: (await import("./windows/Window")).Window })) },
  { path: "/batches", screen: lazy(async () => ({ default: (await import("./batches/Batches")).Batches })) },
  { path: "/batches/:id", screen: lazy(async () => ({ default: (await import("./batches/Batch")).Batch })) },
  {
    path: "/work-orders",
    screen: lazy(async () => ({ default: (await import("./work-orders/WorkOrders")).WorkOrders })),
  },
  {
    path: "/work-orders/:id",
    screen: lazy(async () => ({ default: (await import("./work-orders/WorkOrder")).WorkOrder })),
  },
  { path: "/coupons", screen: lazy(async () => ({ default: (await import("./coupons/Coupons")).Coupons })) },
  { path: "/coupons/:id", screen: lazy(async () => ({ default: (await import("./coupons/Coupon")).Coupon })) },
  { path: "/delivery", screen: lazy(async () => ({ default: (await import("./delivery/Delivery")).Delivery })) },
  { path: "/customers", screen: lazy(async () => ({ default: (await import("./customers/Customers")).Customers })) },
  { path: "/customers/:id", screen: lazy(async () => ({ default: (await import("./customers/Customer")).Customer })) },
  { path: "/money", screen: lazy(async () => ({ default: (await import("./money/Money")).Money })) },
  { path: "/machine/:tab?", screen: lazy(async () => ({ default: (await import("./machine/Machine")).Machine })) },
];
