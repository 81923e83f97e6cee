import { answered, useShop, useSigned, useWords } from "@millrun/api";
import { Command } from "../kit/Command";
import { TextField } from "../kit/Fields";
import type { WorkOrder } from "./api";
import { WORDS } from "./words";

function refreshOf({ work_order_id, batch_id }: WorkOrder) {
  return [["work-order", work_order_id], ["work-orders"], ["batch", batch_id], ["batches"], ["orders"], ["summary"]];
}

export function StartWork({ order, size = "middle" }: { order: WorkOrder; size?: "small" | "middle" }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const operator = useSigned()?.email.split("@")[0]?.slice(0, 60) ?? "";
  const { work_order_id, status, quantity } = order;
  if (status !== "READY") return null;
  return (
    <Command<{ operator: string }, WorkOrder>
      command="start_work_order"
      subject={work_order_id}
      kind="primary"
      size={size}
      label={words.start.label}
      title={words.start.title}
      initial={{ operator }}
      fields={() => <TextField name="operator" label={words.operator} max={60} autoFocus />}
      effect={() => words.start.effect(quantity)}
      confirm={() => words.start.confirm}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/work-orders/{work_order_id}/start", {
            params: { path: { work_order_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={() => words.start.done}
      refresh={refreshOf(order)}
    />
  );
}

export function CompleteWork({ order }: { order: WorkOrder }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { work_order_id, status, quantity, steps } = order;
  if (status !== "IN_PROGRESS" || steps.some((step) => step.status !== "DONE")) return null;
  return (
    <Command<object, WorkOrder>
      command="complete_work_order"
      subject={work_order_id}
      kind="primary"
      label={words.complete.label}
      title={words.complete.title}
      effect={() => words.complete.effect(quantity)}
      confirm={() => words.complete.confirm}
      send={(_, key) =>
        answered(
          client.POST("/api/v1/admin/work-orders/{work_order_id}/complete", {
            params: { path: { work_order_id }, header: { "Idempotency-Key": key } },
          }),
        )
      }
      done={() => words.complete.done}
      refresh={refreshOf(order)}
    />
  );
}

export function FailWork({ order }: { order: WorkOrder }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { work_order_id, status, quantity } = order;
  if (status !== "IN_PROGRESS") return null;
  return (
    <Command<{ reason: string }, WorkOrder>
      command="fail_work_order"
      subject={work_order_id}
      kind="danger"
      label={words.fail.label}
      title={words.fail.title}
      fields={() => <TextField name="reason" label={words.reason} max={200} autoFocus />}
      effect={() => words.fail.effect(quantity)}
      confirm={() => words.fail.confirm}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/work-orders/{work_order_id}/fail", {
            params: { path: { work_order_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={() => words.fail.done}
      refresh={refreshOf(order)}
    />
  );
}
