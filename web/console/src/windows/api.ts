import { answered, usePages, useShop, type Client, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { read } from "../kit/coming";
import { isOutOfReach } from "../kit/Refusal";

type Schemas = components["schemas"];
export type SellWindow = Schemas["SellWindowView"];
export type Offer = Schemas["OfferView"];

interface WindowPage {
  items: SellWindow[];
  next_cursor?: string;
}

/** Past and future windows, or those that customers see for a group that may not see more. */
async function readWindows(client: Client, cursor: string | undefined): Promise<WindowPage> {
  try {
    return await read<WindowPage>(client, "/admin/sell-windows", { cursor });
  } catch (failure) {
    if (!isOutOfReach(failure)) throw failure;
    return answered(client.GET("/api/v1/sell-windows", { params: { query: { cursor } } }));
  }
}

export function useSellWindows() {
  const { client } = useShop();
  return usePages(["windows"], (cursor) => readWindows(client, cursor));
}

export interface ForecastOffer {
  product_id: string;
  name: string;
  outcome: "CONFIRMABLE" | "CANCELED" | "EXTENDED";
  reserved_qty: number;
  threshold_qty: number;
  missing_qty: number;
  orders: number;
  amount_cents: number;
  extended_until?: string;
}

export function useForecast(windowId: string, enabled: boolean) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["forecast", windowId],
    enabled,
    queryFn: () => read<{ offers: ForecastOffer[] }>(client, `/admin/sell-windows/${windowId}/forecast`),
  });
}

export interface CurvePoint {
  at: string;
  reserved_qty: number;
  paid_qty: number;
}

export function useCurve(windowId: string, productId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["curve", windowId, productId],
    queryFn: () => read<{ items: CurvePoint[] }>(client, `/admin/sell-windows/${windowId}/offers/${productId}/history`),
  });
}

export type Phase = "upcoming" | "open" | "over";

export function phaseOf({ start_at, end_at, offers }: SellWindow, now = Date.now()): Phase {
  if (Date.parse(start_at) > now) return "upcoming";
  const ends = [end_at, ...offers.map(({ closes_at }) => closes_at)].map((at) => Date.parse(at));
  return Math.max(...ends) > now ? "open" : "over";
}
