import { answered, useShop, useWords, type components } from "@millrun/api";
import { Command } from "../kit/Command";
import { MoneyField, TextField } from "../kit/Fields";
import { useFormat } from "../kit/Show";
import { needsSomebody, type Task } from "./api";
import { WORDS } from "./words";

const REFUND_MAX_CENTS = 500_000_000_000;

export function RecordRefund({ task }: { task: Task }) {
  const { client } = useShop();
  const words = useWords(WORDS).byHand;
  const { money } = useFormat();
  const { payment_id, order_id, amount_cents } = task;
  if (task.kind !== "MANUAL_REFUND" || payment_id === undefined || !needsSomebody(task)) return null;
  return (
    <Command<{ amount_cents: number; how: string }, components["schemas"]["PaymentView"]>
      command="record_refund"
      subject={payment_id}
      size="small"
      kind="primary"
      label={words.label}
      title={words.title}
      {...(amount_cents !== undefined && { initial: { amount_cents } })}
      fields={() => (
        <>
          <MoneyField name="amount_cents" label={words.amount} minCents={1} maxCents={REFUND_MAX_CENTS} />
          <TextField name="how" label={words.how} help={words.howHelp} max={200} />
        </>
      )}
      effect={(values) => words.effect(money(values.amount_cents || 0))}
      confirm={(values) => words.confirm(money(values.amount_cents || 0))}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/payments/{payment_id}/manual-refund", {
            params: { path: { payment_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={() => words.finished}
      refresh={[["payment-tasks"], ["order", order_id], ["summary"]]}
    />
  );
}

export function MarkDone({ task }: { task: Task }) {
  const { client } = useShop();
  const words = useWords(WORDS).mark;
  const { task_id } = task;
  if (task.kind === "MANUAL_REFUND" || !needsSomebody(task)) return null;
  return (
    <Command<{ note: string }, Task>
      command="finish_payment_task"
      subject={task_id}
      size="small"
      label={words.label}
      title={words.title}
      fields={() => <TextField name="note" label={words.note} max={200} rows={2} autoFocus />}
      effect={() => words.effect}
      confirm={() => words.confirm}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/payment-tasks/{task_id}/done", {
            params: { path: { task_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={() => words.finished}
      refresh={[["payment-tasks"], ["summary"]]}
    />
  );
}
