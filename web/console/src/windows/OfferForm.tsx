import { answered, useShop, useWords, type components } from "@millrun/api";
import { Form, Select } from "antd";
import { useProductNames } from "../catalog/api";
import { Command } from "../kit/Command";
import { ChoiceField, NumberField, TextField, YesNoField } from "../kit/Fields";
import type { Offer, SellWindow } from "./api";
import { WORDS } from "./words";

type Body = components["schemas"]["ConfigureOffer"];
type OfferFields = Omit<Body, "production_steps"> & { product_id: string; steps?: string };

const PIECES_MAX = 10_000_000;

/** Adds a product to a window, or changes its rules there. */
export function ConfigureOffer({ window, offer }: { window: SellWindow; offer?: Offer }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { sell_window_id } = window;
  return (
    <Command<OfferFields, Offer>
      command="configure_offer"
      subject={`${sell_window_id}/${offer?.product_id ?? "new"}`}
      label={offer ? words.offer.edit : words.offer.add}
      size={offer ? "small" : "middle"}
      kind={offer ? "plain" : "primary"}
      title={offer ? `${words.offer.title}: ${offer.name}` : words.offer.title}
      initial={offer ? fieldsOf(offer) : NEW}
      fields={() => <OfferFields isNew={offer === undefined} />}
      effect={({ threshold_qty, max_total_qty }) => words.offer.effect(threshold_qty, max_total_qty ?? undefined)}
      confirm={() => words.offer.confirm}
      send={({ product_id, ...fields }) =>
        answered(
          client.PUT("/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}", {
            params: { path: { sell_window_id, product_id } },
            body: bodyOf(fields),
          }),
        )
      }
      done={({ name }) => words.offer.done(name)}
      refresh={[["windows"], ["window", sell_window_id], ["forecast", sell_window_id]]}
    />
  );
}

const NEW: Partial<OfferFields> = {
  enabled: true,
  threshold_qty: 50,
  lead_days: 14,
  ship_days: 3,
  when_missed: "CANCEL",
  when_underpaid: "PROCEED",
  payment_window_hours: 72,
};

function fieldsOf(offer: Offer): OfferFields {
  const { product_id, enabled, threshold_qty, lead_days, ship_days, payment_window_hours } = offer;
  return {
    product_id,
    enabled,
    threshold_qty,
    lead_days,
    ship_days,
    payment_window_hours,
    max_total_qty: offer.max_total_qty ?? null,
    per_customer_max: offer.per_customer_max ?? null,
    when_missed: offer.when_missed,
    extend_days: offer.extend_days ?? null,
    when_underpaid: offer.when_underpaid,
    underpaid_min_percent: offer.underpaid_min_percent ?? null,
    steps: offer.production_steps.join("\n"),
  };
}

function bodyOf({ steps, ...fields }: Omit<OfferFields, "product_id">): Body {
  const production_steps = (steps ?? "")
    .split("\n")
    .map((step) => step.trim())
    .filter((step) => step !== "");
  // A number that depends on a choice is sent only with that choice.
  return {
    ...fields,
    extend_days: fields.when_missed === "EXTEND" ? fields.extend_days : null,
    underpaid_min_percent: fields.when_underpaid === "PROCEED_IF_AT_LEAST" ? fields.underpaid_min_percent : null,
    ...(production_steps.length > 0 && { production_steps }),
  };
}

function OfferFields({ isNew }: { isNew: boolean }) {
  const words = useWords(WORDS);
  const names = useProductNames();
  const options = Object.entries(names.data ?? {}).map(([value, label]) => ({ value, label }));
  return (
    <>
      <Form.Item name="product_id" label={words.product} rules={[{ required: true }]} hidden={!isNew}>
        <Select showSearch={{ optionFilterProp: "label" }} loading={names.isPending} options={options} />
      </Form.Item>
      <div className="field-pair">
        <NumberField name="threshold_qty" label={words.threshold} help={words.thresholdHelp} min={1} max={PIECES_MAX} />
        <NumberField name="max_total_qty" label={words.max} help={words.maxHelp} min={1} max={PIECES_MAX} optional />
        <NumberField name="lead_days" label={words.leadDays} min={0} max={365} />
        <NumberField name="ship_days" label={words.shipDays} min={0} max={365} />
        <NumberField name="payment_window_hours" label={words.payHours} min={1} max={720} />
        <NumberField name="per_customer_max" label={words.perCustomer} min={1} max={PIECES_MAX} optional />
        <ChoiceField name="when_missed" label={words.whenMissed} options={words.missedOptions} />
        <When name="when_missed" is="EXTEND">
          <NumberField name="extend_days" label={words.extendDays} min={1} max={90} />
        </When>
        <ChoiceField name="when_underpaid" label={words.whenUnderpaid} options={words.underpaidOptions} />
        <When name="when_underpaid" is="PROCEED_IF_AT_LEAST">
          <NumberField name="underpaid_min_percent" label={words.underpaidPercent} min={1} max={100} unit="%" />
        </When>
      </div>
      <TextField name="steps" label={words.steps} help={words.stepsHelp} max={1_200} rows={3} optional />
      <YesNoField name="enabled" label={words.enabled} />
    </>
  );
}

/** A field that applies only with a certain choice in another field. */
function When({ name, is, children }: { name: string; is: string; children: React.ReactNode }) {
  return (
    <Form.Item noStyle dependencies={[name]}>
      {({ getFieldValue }) => (getFieldValue(name) === is ? children : null)}
    </Form.Item>
  );
}
