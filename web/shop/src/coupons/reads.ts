import { answered, usePages, useShop, useSigned, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

export type UserCoupon = components["schemas"]["UserCouponView"];
export type Coupon = components["schemas"]["CouponView"];
export type Ticket = components["schemas"]["TicketView"];

export function useMyCoupons() {
  const { client } = useShop();
  const signed = useSigned();
  return usePages(
    ["my", "coupons"],
    (cursor) => answered(client.GET("/api/v1/me/coupons", { params: { query: { cursor, limit: 50 } } })),
    Boolean(signed),
  );
}

/** The campaigns whose coupons can be taken now. */
export function useListedCoupons() {
  const { client } = useShop();
  const signed = useSigned();
  return usePages(
    ["my", "coupons", "listed"],
    (cursor) => answered(client.GET("/api/v1/coupons", { params: { query: { cursor, limit: 50 } } })),
    Boolean(signed),
  );
}

export function useCoupon(id: string) {
  const { client } = useShop();
  const signed = useSigned();
  return useQuery({
    queryKey: ["my", "coupon", id],
    queryFn: () => answered(client.GET("/api/v1/coupons/{coupon_id}", { params: { path: { coupon_id: id } } })),
    enabled: Boolean(signed),
    refetchInterval: 10_000,
  });
}
