import { answered, usePages, useShop, type Client, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { isOutOfReach } from "../kit/Refusal";

type Schemas = components["schemas"];
export type SellWindow = Schemas["SellWindowView"];
export type Offer = Schemas["OfferView"];

/** Past and future windows; for a group without that permission, the windows that customers see. */
async function readWindows(client: Client, cursor: string | undefined) {
  try {
    return await answered(client.GET("/api/v1/admin/sell-windows", { params: { query: { cursor } } }));
  } catch (failure) {
    if (!isOutOfReach(failure)) throw failure;
    return answered(client.GET("/api/v1/sell-windows", { params: { query: { cursor } } }));
  }
}

export function useSellWindows() {
  const { client } = useShop();
  return usePages(["windows"], (cursor) => readWindows(client, cursor));
}

export type ForecastOffer = Schemas["OfferForecastView"];

export function useForecast(windowId: string, enabled: boolean) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["forecast", windowId],
    enabled,
    queryFn: () =>
      answered(
        client.GET("/api/v1/admin/sell-windows/{sell_window_id}/forecast", {
          params: { path: { sell_window_id: windowId } },
        }),
      ),
  });
}

export function useCurve(windowId: string, productId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["curve", windowId, productId],
    queryFn: () =>
      answered(
        client.GET("/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}/history", {
          params: { path: { sell_window_id: windowId, product_id: productId } },
        }),
      ),
  });
}

export type Phase = "upcoming" | "open" | "over";

export function phaseOf({ start_at, end_at, offers }: SellWindow, now = Date.now()): Phase {
  if (Date.parse(start_at) > now) return "upcoming";
  const ends = [end_at, ...offers.map(({ closes_at }) => closes_at)].map((at) => Date.parse(at));
  return Math.max(...ends) > now ? "open" : "over";
}
