import { answered, useShop } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { to } from "./to";

const NAMES_STALE_MS = 60_000;

/** A product in any status. */
export function useProduct(productId: string | undefined) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["product", productId],
    enabled: productId !== undefined,
    staleTime: NAMES_STALE_MS,
    queryFn: () =>
      answered(
        client.GET("/api/v1/admin/products/{product_id}", { params: { path: { product_id: productId ?? "" } } }),
      ),
  });
}

export function useSellWindow(windowId: string | undefined) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["window", windowId],
    enabled: windowId !== undefined,
    queryFn: () =>
      answered(
        client.GET("/api/v1/admin/sell-windows/{sell_window_id}", {
          params: { path: { sell_window_id: windowId ?? "" } },
        }),
      ),
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
