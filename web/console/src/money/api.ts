import { answered, usePages, useShop, type components } from "@millrun/api";

export type Task = components["schemas"]["PaymentTaskView"];

/** Kinds of tasks that need staff; the others are notices about automatic actions of the shop. */
const NEEDS_SOMEBODY: ReadonlySet<Task["kind"]> = new Set([
  "UNKNOWN_TRADE",
  "UNCLEAR",
  "MISMATCH",
  "SIMULATED",
  "MANUAL_REFUND",
]);

export function needsSomebody(task: Task): boolean {
  return NEEDS_SOMEBODY.has(task.kind) && task.done_at === undefined;
}

export function useTasks() {
  const { client } = useShop();
  return usePages<Task>(["payment-tasks"], (cursor) =>
    answered(client.GET("/api/v1/admin/payment-tasks", { params: { query: { cursor } } })),
  );
}

/** The tasks of a kind, open or done ones: the shop lists all of them. */
export function chosen(tasks: readonly Task[], { kind, done }: { kind?: string; done?: string }): Task[] {
  return tasks.filter(
    (task) =>
      (kind === undefined || task.kind === kind) && (done === undefined || needsSomebody(task) === (done === "false")),
  );
}
