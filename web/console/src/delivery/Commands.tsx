import { answered, useShop, useWords } from "@millrun/api";
import { Form } from "antd";
import { Command } from "../kit/Command";
import { ChoiceField, MoneyField, NumberField, TextField, YesNoField } from "../kit/Fields";
import { bodyOf, CODE, type Method, type MethodFields } from "./api";
import { useCost } from "./useCost";
import { WORDS } from "./words";

const MONEY_MAX_CENTS = 100_000_000;
const SORT_MAX = 9_999;
const REFRESH = [["shipping-methods"]];

export function CreateMethod({ methods }: { methods: readonly Method[] }) {
  const words = useWords(WORDS);
  const { send } = useSend();
  const effect = useEffectOf(methods);
  const last = Math.max(0, ...methods.map(({ sort }) => sort));
  return (
    <Command<MethodFields, Method>
      command="set_shipping_method"
      subject="new"
      kind="primary"
      label={words.create.label}
      title={words.create.title}
      initial={{ kind: "HOME", enabled: true, sort: Math.min(SORT_MAX, last + 10) }}
      fields={() => (
        <>
          <TextField
            name="code"
            label={words.code}
            help={words.codeHelp}
            max={32}
            autoFocus
            check={(code) => {
              if (!CODE.test(code)) return words.codeWrong;
              return methods.some((method) => method.code === code) ? words.codeTaken : undefined;
            }}
          />
          <Fields />
        </>
      )}
      effect={effect}
      confirm={() => words.create.confirm}
      send={send}
      done={({ name }) => words.done(name)}
      refresh={REFRESH}
    />
  );
}

export function EditMethod({ method, methods }: { method: Method; methods: readonly Method[] }) {
  const words = useWords(WORDS);
  const { send } = useSend();
  const effect = useEffectOf(methods);
  return (
    <Command<MethodFields, Method>
      command="set_shipping_method"
      subject={method.code}
      size="small"
      label={words.edit.label}
      title={words.edit.title(method.name)}
      initial={fieldsOf(method)}
      fields={() => <Fields />}
      effect={effect}
      confirm={() => words.edit.confirm}
      send={send}
      done={({ name }) => words.done(name)}
      refresh={REFRESH}
    />
  );
}

/** Shows a method to customers, or hides it. */
export function SwitchMethod({ method, methods }: { method: Method; methods: readonly Method[] }) {
  const all = useWords(WORDS);
  const words = method.enabled ? all.turnOff : all.turnOn;
  const { send } = useSend();
  const effect = useEffectOf(methods);
  return (
    <Command<MethodFields, Method>
      command="set_shipping_method"
      subject={`${method.code}/enabled`}
      size="small"
      label={words.label}
      title={words.title(method.name)}
      initial={{ ...fieldsOf(method), enabled: !method.enabled }}
      effect={effect}
      confirm={() => words.confirm}
      send={send}
      done={({ name }) => all.done(name)}
      refresh={REFRESH}
    />
  );
}

function fieldsOf(method: Method): MethodFields {
  const { code, name, kind, fee_cents, free_from_cents, island_surcharge_cents, enabled, sort } = method;
  return { code, name, kind, fee_cents, free_from_cents, island_surcharge_cents, enabled, sort };
}

function useSend() {
  const { client } = useShop();
  return {
    send: (fields: MethodFields) => {
      const path = { code: fields.code };
      return answered(client.PUT("/api/v1/admin/shipping-methods/{code}", { params: { path }, body: bodyOf(fields) }));
    },
  };
}

/** The effect of these fields on customers. */
function useEffectOf(methods: readonly Method[]) {
  const { effect } = useWords(WORDS);
  const cost = useCost();
  return (fields: MethodFields) => {
    const others = methods.some(({ code, enabled }) => enabled && code !== fields.code);
    const was = methods.some(({ code, enabled }) => enabled && code === fields.code);
    return [
      fields.enabled ? effect.shown(cost({ ...fields, fee_cents: fields.fee_cents || 0 })) : effect.hidden,
      fields.enabled && !was && !others && effect.first,
      !fields.enabled && was && !others && effect.last,
      was && effect.placed,
    ]
      .filter((part) => part !== false)
      .map((sentence) => <p key={sentence}>{sentence}</p>);
  };
}

function Fields() {
  const words = useWords(WORDS);
  return (
    <>
      <TextField name="name" label={words.name} help={words.nameHelp} max={60} />
      <ChoiceField name="kind" label={words.kind} options={words.kinds} />
      <Form.Item noStyle dependencies={["kind"]}>
        {({ getFieldValue }) =>
          getFieldValue("kind") === "HOME" && (
            <>
              <div className="field-pair">
                <MoneyField name="fee_cents" label={words.fee} minCents={0} maxCents={MONEY_MAX_CENTS} />
                <MoneyField
                  name="free_from_cents"
                  label={words.freeFrom}
                  help={words.freeFromHelp}
                  minCents={1}
                  maxCents={MONEY_MAX_CENTS}
                  optional
                />
              </div>
              <MoneyField
                name="island_surcharge_cents"
                label={words.island}
                help={words.islandHelp}
                minCents={0}
                maxCents={MONEY_MAX_CENTS}
                optional
              />
            </>
          )
        }
      </Form.Item>
      <div className="field-pair">
        <NumberField name="sort" label={words.sort} help={words.sortHelp} min={0} max={SORT_MAX} />
        <YesNoField name="enabled" label={words.enabled} help={words.enabledHelp} />
      </div>
    </>
  );
}
