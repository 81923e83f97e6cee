import { answered, useShop } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { isOutOfReach } from "./Refusal";
import { to } from "./to";

const NAMES_STALE_MS = 60_000;

/** A product in any status, or one of the public catalogue for a group that may not see drafts. */
export function useProduct(productId: string | undefined) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["product", productId],
    enabled: productId !== undefined,
    staleTime: NAMES_STALE_MS,
    queryFn: async () => {
      const product_id = productId ?? "";
      try {
        return await answered(client.GET("/api/v1/admin/products/{product_id}", { params: { path: { product_id } } }));
      } catch (failure) {
        if (!isOutOfReach(failure)) throw failure;
        return answered(client.GET("/api/v1/products/{product_id}", { params: { path: { product_id } } }));
      }
    },
  });
}

export function useSellWindow(windowId: string | undefined) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["window", windowId],
    enabled: windowId !== undefined,
    queryFn: async () => {
      const sell_window_id = windowId ?? "";
      try {
        return await answered(
          client.GET("/api/v1/admin/sell-windows/{sell_window_id}", { params: { path: { sell_window_id } } }),
        );
      } catch (failure) {
        if (!isOutOfReach(failure)) throw failure;
        return answered(client.GET("/api/v1/sell-windows/{sell_window_id}", { params: { path: { sell_window_id } } }));
      }
    },
  });
}

/** The first part of an id, which is enough to distinguish the items of a page. */
export function short(id: string): string {
  return id
    .split(".")
    .map((part) => part.slice(-6))
    .join("·");
}

export function ProductLink({ id, name }: { id: string; name?: string | undefined }) {
  const { data } = useProduct(name === undefined ? id : undefined);
  return <Link href={to.product(id)}>{name ?? data?.name ?? short(id)}</Link>;
}

export function WindowLink({ id, name }: { id: string; name?: string | undefined }) {
  const { data } = useSellWindow(name === undefined ? id : undefined);
  return <Link href={to.window(id)}>{name ?? data?.name ?? short(id)}</Link>;
}

export function OrderLink({ id, no }: { id: string; no?: string | undefined }) {
  return (
    <Link href={to.order(id)} className="number nowrap">
      {no ?? short(id)}
    </Link>
  );
}

export function BatchLink({ id, children }: { id: string; children?: ReactNode }) {
  return <Link href={to.batch(id)}>{children ?? short(id)}</Link>;
}

export function CustomerLink({ id, name }: { id: string; name?: string | undefined }) {
  return <Link href={to.customer(id)}>{name ?? short(id)}</Link>;
}
