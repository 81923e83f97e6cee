import { answered, usePages, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

export type CustomerRow = components["schemas"]["AccountView"];
export type Customer = components["schemas"]["CustomerView"];

export function useCustomers(filters: { email?: string; phone?: string }) {
  const { client } = useShop();
  return usePages(["customers", filters], (cursor) =>
    answered(client.GET("/api/v1/admin/customers", { params: { query: { ...filters, cursor } } })),
  );
}

export function useCustomer(customerId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["customer", customerId],
    queryFn: () =>
      answered(client.GET("/api/v1/admin/customers/{customer_id}", { params: { path: { customer_id: customerId } } })),
  });
}
