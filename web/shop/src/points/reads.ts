import { answered, usePages, useShop, useSigned } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

export function usePoints() {
  const { client } = useShop();
  const signed = useSigned();
  return useQuery({
    queryKey: ["my", "points"],
    queryFn: () => answered(client.GET("/api/v1/points")),
    enabled: Boolean(signed),
  });
}

export function usePointHistory() {
  const { client } = useShop();
  const signed = useSigned();
  return usePages(
    ["my", "points", "history"],
    (cursor) => answered(client.GET("/api/v1/points/history", { params: { query: { cursor } } })),
    Boolean(signed),
  );
}
