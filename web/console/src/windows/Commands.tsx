import { answered, useShop, useWords } from "@millrun/api";
import { useLocation } from "wouter";
import { Command } from "../kit/Command";
import { MomentField, TextField } from "../kit/Fields";
import { useFormat } from "../kit/Show";
import { to } from "../kit/to";
import { useNow } from "../kit/useNow";
import { useForecast, type SellWindow } from "./api";
import { WORDS } from "./words";

interface WindowFields {
  name: string;
  start_at: string;
  end_at: string;
}

export function CreateWindow() {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { timeZone } = useFormat();
  const [, navigate] = useLocation();
  return (
    <Command<WindowFields, SellWindow>
      command="create_sell_window"
      subject="new"
      kind="primary"
      label={words.create.label}
      title={words.create.title}
      fields={() => (
        <>
          <TextField name="name" label={words.name} max={100} autoFocus />
          <MomentField name="start_at" label={words.start} />
          <MomentField name="end_at" label={words.end} />
        </>
      )}
      effect={() => words.create.effect}
      confirm={() => words.create.confirm}
      send={(fields, key) =>
        answered(
          client.POST("/api/v1/admin/sell-windows", {
            params: { header: { "Idempotency-Key": key } },
            body: { ...fields, timezone: timeZone },
          }),
        )
      }
      done={({ name }) => words.create.done(name)}
      refresh={[["windows"]]}
      after={({ sell_window_id }) => navigate(to.window(sell_window_id))}
    />
  );
}

export function EditWindow({ window }: { window: SellWindow }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { sell_window_id, name, start_at, end_at, timezone } = window;
  const hasBegun = Date.parse(start_at) <= useNow();
  return (
    <Command<WindowFields, SellWindow>
      command="update_sell_window"
      subject={sell_window_id}
      label={words.edit.label}
      title={words.edit.title}
      initial={{ name, start_at, end_at }}
      fields={() => (
        <>
          <TextField name="name" label={words.name} max={100} autoFocus />
          {!hasBegun && <MomentField name="start_at" label={words.start} timeZone={timezone} />}
          <MomentField name="end_at" label={words.end} timeZone={timezone} />
        </>
      )}
      effect={() => words.edit.effect}
      confirm={() => words.edit.confirm}
      send={(fields) =>
        answered(
          client.PATCH("/api/v1/admin/sell-windows/{sell_window_id}", {
            params: { path: { sell_window_id } },
            body: {
              ...(fields.name !== name && { name: fields.name }),
              ...(fields.start_at !== start_at && { start_at: fields.start_at }),
              ...(fields.end_at !== end_at && { end_at: fields.end_at }),
            },
          }),
        )
      }
      done={(saved) => words.edit.done(saved.name)}
      refresh={[["windows"], ["window", sell_window_id]]}
    />
  );
}

export function CloseWindow({ window }: { window: SellWindow }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { sell_window_id, name } = window;
  const { data } = useForecast(sell_window_id, true);
  const sum = (of: "orders" | "reserved_qty") => (data?.offers ?? []).reduce((total, offer) => total + offer[of], 0);
  return (
    <Command<object, SellWindow>
      command="end_sell_window"
      subject={sell_window_id}
      kind="danger"
      label={words.close.label}
      title={words.close.title(name)}
      effect={() => (data ? words.close.effect(sum("orders"), sum("reserved_qty")) : words.close.unknown)}
      confirm={() => words.close.confirm}
      send={(_, key) =>
        answered(
          client.POST("/api/v1/admin/sell-windows/{sell_window_id}/close", {
            params: { path: { sell_window_id }, header: { "Idempotency-Key": key } },
          }),
        )
      }
      done={() => words.close.done}
      refresh={[["windows"], ["window", sell_window_id], ["batches"], ["forecast", sell_window_id]]}
    />
  );
}
