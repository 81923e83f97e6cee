import { usePages, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { read } from "../kit/coming";
import type { AdminOrder } from "../orders/api";

export interface CustomerRow {
  customer_id: string;
  email: string;
  created_at: string;
}

export interface Customer extends CustomerRow {
  phone?: string;
  points: { balance_cents: number };
  coupons: components["schemas"]["UserCouponView"][];
  orders: AdminOrder[];
}

export function useCustomers(filters: { email?: string; phone?: string }) {
  const { client } = useShop();
  return usePages(["customers", filters], (cursor) =>
    read<{ items: CustomerRow[]; next_cursor?: string }>(client, "/admin/customers", { ...filters, cursor }),
  );
}

export function useCustomer(customerId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["customer", customerId],
    queryFn: () => read<Customer>(client, `/admin/customers/${customerId}`),
  });
}
