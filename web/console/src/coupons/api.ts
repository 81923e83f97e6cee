import { answered, usePages, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { isOutOfReach } from "../kit/Refusal";

/** A campaign. Groups that may not see campaigns get the customers' view. */
export type Coupon = components["schemas"]["CouponView"] & Partial<components["schemas"]["AdminCouponView"]>;

export type Phase = "upcoming" | "open" | "over" | "soldOut";

export function phaseOf(coupon: Coupon, now = Date.now()): Phase {
  if (Date.parse(coupon.issue_ends_at) <= now) return "over";
  if (Date.parse(coupon.issue_starts_at) > now) return "upcoming";
  return coupon.remaining_qty > 0 ? "open" : "soldOut";
}

export function useCoupons() {
  const { client } = useShop();
  return usePages<Coupon>(["coupons"], (cursor) =>
    answered(client.GET("/api/v1/admin/coupons", { params: { query: { cursor } } })),
  );
}

export function useCoupon(couponId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["coupon", couponId],
    refetchInterval: 5_000,
    queryFn: async (): Promise<Coupon> => {
      try {
        return await answered(
          client.GET("/api/v1/admin/coupons/{coupon_id}", { params: { path: { coupon_id: couponId } } }),
        );
      } catch (failure) {
        if (!isOutOfReach(failure)) throw failure;
        return answered(client.GET("/api/v1/coupons/{coupon_id}", { params: { path: { coupon_id: couponId } } }));
      }
    },
  });
}
