import { usePages, useShop, type components } from "@millrun/api";
import { read } from "../kit/coming";

export type Task = components["schemas"]["PaymentTaskView"] & {
  task_id?: string;
  done?: boolean;
  done_at?: string;
  note?: string;
  order_no?: string;
};

/** Kinds in which somebody has to do something; the others tell what the shop did by itself. */
const NEEDS_SOMEBODY: ReadonlySet<Task["kind"]> = new Set(["UNKNOWN_TRADE", "MISMATCH", "SIMULATED", "MANUAL_REFUND"]);

export function needsSomebody(task: Task): boolean {
  return NEEDS_SOMEBODY.has(task.kind) && !task.done && task.done_at === undefined;
}

export function useTasks(filters: { kind?: string; done?: string }) {
  const { client } = useShop();
  return usePages(["payment-tasks", filters], (cursor) =>
    read<{ items: Task[]; next_cursor?: string }>(client, "/admin/payment-tasks", { ...filters, cursor }),
  );
}
