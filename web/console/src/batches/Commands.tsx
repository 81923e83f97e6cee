import { answered, useShop, useWords, type components } from "@millrun/api";
import { Command } from "../kit/Command";
import { DayField, NumberField, TextField } from "../kit/Fields";
import { useSellWindow } from "../kit/names";
import { useFormat } from "../kit/Show";
import { useNow } from "../kit/useNow";
import { addDays, dayOf } from "../kit/zone";
import type { Batch } from "./api";
import { WORDS } from "./words";

type Schemas = components["schemas"];

const HOUR_MS = 3_600_000;

function refreshOf({ batch_id, sell_window_id }: Batch) {
  return [
    ["batch", batch_id],
    ["batches"],
    ["batch-orders", batch_id],
    ["window", sell_window_id],
    ["orders"],
    ["summary"],
  ];
}

interface Plan {
  planned_production_date?: string;
  planned_ship_date?: string;
  notes?: string;
}

function PlanFields() {
  const words = useWords(WORDS);
  return (
    <>
      <div className="field-pair">
        <DayField name="planned_production_date" label={words.production} optional />
        <DayField name="planned_ship_date" label={words.ship} optional />
      </div>
      <TextField name="notes" label={words.notes} max={500} rows={2} optional />
    </>
  );
}

/** Only the fields that were filled in: the offer's days determine an empty date. */
function planOf({ planned_production_date, planned_ship_date, notes }: Plan): Plan {
  return {
    ...(planned_production_date && { planned_production_date }),
    ...(planned_ship_date && { planned_ship_date }),
    ...(notes && { notes }),
  };
}

export function ConfirmBatch({ batch, size = "middle" }: { batch: Batch; size?: "small" | "middle" }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { time, timeZone } = useFormat();
  const now = useNow();
  const { data: window } = useSellWindow(batch.sell_window_id);
  const { batch_id, status, product_id, reserved_qty, funnel } = batch;
  if (status !== "CREATED") return null;
  const offer = window?.offers.find((candidate) => candidate.product_id === product_id);
  const hours = offer?.payment_window_hours ?? 72;
  const orders = funnel?.reserved.orders;
  const produced = addDays(dayOf(new Date(now + hours * HOUR_MS), timeZone), offer?.lead_days ?? 0);
  const initial = {
    payment_window_hours: hours,
    ...(offer && { planned_production_date: produced, planned_ship_date: addDays(produced, offer.ship_days) }),
  };
  const until = (given: number) => time(new Date(now + given * HOUR_MS).toISOString());
  return (
    <Command<Plan & { payment_window_hours: number }, Schemas["BatchView"]>
      command="confirm_batch"
      subject={batch_id}
      kind="primary"
      size={size}
      label={words.confirm.label}
      title={words.confirm.title}
      initial={initial}
      fields={() => (
        <>
          <NumberField name="payment_window_hours" label={words.hours} help={words.hoursHelp} min={1} max={720} />
          <PlanFields />
        </>
      )}
      effect={({ payment_window_hours }) =>
        words.confirm.effect(
          orders === undefined ? words.confirm.everybody : words.confirm.people(orders),
          reserved_qty,
          until(payment_window_hours || hours),
        )
      }
      confirm={() => words.confirm.confirm(orders)}
      send={({ payment_window_hours, ...plan }, key) =>
        answered(
          client.POST("/api/v1/admin/batches/{batch_id}/confirm", {
            params: { path: { batch_id }, header: { "Idempotency-Key": key } },
            body: { payment_window_hours, ...planOf(plan) },
          }),
        )
      }
      done={() => words.confirm.done}
      refresh={refreshOf(batch)}
    />
  );
}

export function CancelBatch({ batch }: { batch: Batch }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { batch_id, status, reserved_qty, paid_qty, funnel } = batch;
  if (status !== "CREATED" && status !== "CONFIRMED") return null;
  return (
    <Command<{ reason: string }, Schemas["BatchView"]>
      command="cancel_batch"
      subject={batch_id}
      kind="danger"
      label={words.cancel.label}
      title={words.cancel.title}
      fields={() => <TextField name="reason" label={words.reason} max={200} autoFocus />}
      effect={() => words.cancel.effect(funnel?.reserved.orders, reserved_qty, paid_qty)}
      confirm={() => words.cancel.confirm}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/batches/{batch_id}/cancel", {
            params: { path: { batch_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={() => words.cancel.done}
      refresh={refreshOf(batch)}
    />
  );
}

export function ScheduleBatch({ batch }: { batch: Batch }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { batch_id, status, schedule } = batch;
  if (status !== "CONFIRMED") return null;
  return (
    <Command<Plan, Schemas["BatchView"]>
      command="schedule_batch"
      subject={batch_id}
      label={words.schedule.label}
      title={words.schedule.title}
      {...(schedule && { initial: schedule })}
      fields={() => <PlanFields />}
      effect={() => words.schedule.effect}
      confirm={() => words.schedule.confirm}
      send={(plan) =>
        answered(
          client.PUT("/api/v1/admin/batches/{batch_id}/schedule", {
            params: { path: { batch_id } },
            body: planOf(plan),
          }),
        )
      }
      done={() => words.schedule.done}
      refresh={refreshOf(batch)}
    />
  );
}
