import type { Area } from "../kit/words";

/** The areas in menu order, each with its shortcut after `g`. */
export const AREAS: readonly { area: Area; path: string; key: string }[] = [
  { area: "home", path: "/", key: "h" },
  { area: "orders", path: "/orders", key: "o" },
  { area: "fulfilment", path: "/fulfilment", key: "f" },
  { area: "catalog", path: "/catalog", key: "c" },
  { area: "windows", path: "/windows", key: "w" },
  { area: "batches", path: "/batches", key: "b" },
  { area: "work-orders", path: "/work-orders", key: "p" },
  { area: "coupons", path: "/coupons", key: "k" },
  { area: "delivery", path: "/delivery", key: "d" },
  { area: "customers", path: "/customers", key: "u" },
  { area: "money", path: "/money", key: "m" },
  { area: "machine", path: "/machine", key: "r" },
];

export function areaOf(location: string): Area {
  return AREAS.findLast(({ path }) => location === path || location.startsWith(`${path}/`))?.area ?? "home";
}
