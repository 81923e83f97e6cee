import { answered, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { read } from "../kit/coming";
import { useFormat } from "../kit/Show";
import { addDays, dayOf } from "../kit/zone";

type DailySale = components["schemas"]["DailySaleView"];

export interface Summary {
  orders_to_ship: number;
  batches_to_confirm: number;
  payment_tasks: number;
  failed_notifications: number;
  failed_events: number;
  low_stock: { variant_id: string; sku: string; available_qty: number; low_stock_qty: number }[];
  windows: {
    sell_window_id: string;
    product_id: string;
    name: string;
    reserved_qty: number;
    threshold_qty: number;
    closes_at: string;
  }[];
  days: { day: string; orders: number; pieces: number; revenue_cents: number; refunded_cents: number }[];
}

export const DAYS = 30;

export function useSummary() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["summary"],
    refetchInterval: 60_000,
    queryFn: () => read<Summary>(client, "/admin/summary", { days: String(DAYS) }),
  });
}

export function useBestSellers() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["best-sellers"],
    queryFn: () => answered(client.GET("/api/v1/products/best-sellers")),
  });
}

export interface DaySold {
  day: string;
  pieces: number;
}

/** Pieces sold on each of the last days, from the nightly statistics. */
export function useSoldByDay() {
  const { client } = useShop();
  const { timeZone } = useFormat();
  const to = dayOf(new Date(), timeZone);
  const from = addDays(to, 1 - DAYS);
  return useQuery({
    queryKey: ["daily-sales", from, to],
    queryFn: async (): Promise<DaySold[]> => {
      const sales: DailySale[] = [];
      let cursor: string | undefined;
      do {
        const page: { items: DailySale[]; next_cursor?: string } = await answered(
          client.GET("/api/v1/admin/daily-sales", { params: { query: { from, to, limit: 100, cursor } } }),
        );
        sales.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== undefined);
      return soldByDay(sales, from);
    },
  });
}

/** Every day of the period, including days without a sale. */
export function soldByDay(sales: readonly Pick<DailySale, "day" | "sold_qty">[], from: string): DaySold[] {
  const sums = new Map<string, number>();
  for (const { day, sold_qty } of sales) sums.set(day, (sums.get(day) ?? 0) + sold_qty);
  return Array.from({ length: DAYS }, (_, index) => {
    const day = addDays(from, index);
    return { day, pieces: sums.get(day) ?? 0 };
  });
}
