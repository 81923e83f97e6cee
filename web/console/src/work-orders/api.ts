import { answered, usePages, useShop, type Client, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { read } from "../kit/coming";
import { isAbsent } from "../kit/Refusal";

export type WorkOrder = components["schemas"]["WorkOrderView"] & { product_name?: string; window_name?: string };

function readPage(client: Client, cursor: string | undefined) {
  return answered(client.GET("/api/v1/admin/work-orders", { params: { query: { cursor, limit: 100 } } }));
}

export function useWorkOrders() {
  const { client } = useShop();
  return usePages<WorkOrder>(["work-orders"], (cursor) => readPage(client, cursor));
}

/** A work order, found in the list where the shop lacks the route. */
export function useWorkOrder(workOrderId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["work-order", workOrderId],
    queryFn: async (): Promise<WorkOrder> => {
      try {
        return await read<WorkOrder>(client, `/admin/work-orders/${workOrderId}`);
      } catch (failure) {
        if (!isAbsent(failure)) throw failure;
        return findInList(client, workOrderId, failure);
      }
    },
  });
}

async function findInList(client: Client, workOrderId: string, missing: unknown): Promise<WorkOrder> {
  let cursor: string | undefined;
  do {
    const page: { items: WorkOrder[]; next_cursor?: string } = await readPage(client, cursor);
    const found = page.items.find(({ work_order_id }) => work_order_id === workOrderId);
    if (found) return found;
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  throw missing;
}
