import { answered, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

export type Summary = components["schemas"]["SummaryView"];

export const DAYS = 30;

export function useSummary() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["summary"],
    refetchInterval: 60_000,
    queryFn: () => answered(client.GET("/api/v1/admin/summary", { params: { query: { days: String(DAYS) } } })),
  });
}

export function useBestSellers() {
  const { client } = useShop();
  return useQuery({
    queryKey: ["best-sellers"],
    queryFn: () => answered(client.GET("/api/v1/products/best-sellers")),
  });
}
