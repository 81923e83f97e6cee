import { answered, usePages, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

export type WorkOrder = components["schemas"]["WorkOrderView"] & Partial<components["schemas"]["NamedWorkOrderView"]>;

export function useWorkOrders() {
  const { client } = useShop();
  return usePages<WorkOrder>(["work-orders"], (cursor) =>
    answered(client.GET("/api/v1/admin/work-orders", { params: { query: { cursor, limit: 100 } } })),
  );
}

export function useWorkOrder(workOrderId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["work-order", workOrderId],
    queryFn: (): Promise<WorkOrder> =>
      answered(
        client.GET("/api/v1/admin/work-orders/{work_order_id}", { params: { path: { work_order_id: workOrderId } } }),
      ),
  });
}
