import { answered, usePages, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";

type Schemas = components["schemas"];

interface Share {
  orders: number;
  pieces: number;
}

export type Funnel = Record<"reserved" | "asked" | "paid" | "expired" | "canceled" | "shipped", Share>;
export type Batch = Schemas["BatchView"] & { funnel?: Funnel };
export type Stage = "toConfirm" | "paying" | "producing" | "shipping" | "canceled";

/** The stage of a batch. */
export function stageOf({ status, offer_status, progress }: Batch): Stage {
  if (status === "CREATED") return "toConfirm";
  if (status !== "CONFIRMED") return "canceled";
  if (progress.some(({ work }) => work === "SCHEDULE_SHIPPING")) return "shipping";
  return offer_status === "FINALIZED" ? "producing" : "paying";
}

export function useBatches() {
  const { client } = useShop();
  return usePages(["batches"], (cursor) =>
    answered(client.GET("/api/v1/admin/batches", { params: { query: { cursor, limit: 100 } } })),
  );
}

export function useBatch(batchId: string) {
  const { client } = useShop();
  return useQuery({
    queryKey: ["batch", batchId],
    queryFn: async (): Promise<Batch> =>
      answered(client.GET("/api/v1/admin/batches/{batch_id}", { params: { path: { batch_id: batchId } } })),
    refetchInterval: ({ state }) => (state.data?.progress.some(({ is_done }) => !is_done) ? 3_000 : false),
  });
}

export type BatchOrder = Schemas["BatchOrderView"];

export function useBatchOrders(batchId: string, status: string | undefined) {
  const { client } = useShop();
  return usePages(["batch-orders", batchId, status ?? ""], (cursor) =>
    answered(
      client.GET("/api/v1/admin/batches/{batch_id}/orders", {
        params: { path: { batch_id: batchId }, query: { status: status as BatchOrder["status"] | undefined, cursor } },
      }),
    ),
  );
}
