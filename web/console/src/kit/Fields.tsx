import { Form, Input, InputNumber, Select, Switch } from "antd";
import type { ReactNode } from "react";
import { useFormat } from "./Show";
import { momentOf, wallOf } from "./zone";

interface FieldProps {
  name: string;
  label: string;
  optional?: boolean;
  help?: ReactNode;
}

function rules(optional: boolean) {
  return optional ? [] : [{ required: true }];
}

interface TextFieldProps extends FieldProps {
  max: number;
  rows?: number;
  autoFocus?: boolean;
  /** The error of a text. */
  check?: (text: string) => string | undefined;
}

export function TextField(props: TextFieldProps) {
  const { name, label, optional = false, help, max, rows, autoFocus = false, check } = props;
  const validator = (_: unknown, text: string | undefined) => {
    const wrong = text ? check?.(text) : undefined;
    return wrong ? Promise.reject(new Error(wrong)) : Promise.resolve();
  };
  return (
    <Form.Item
      name={name}
      label={label}
      extra={help}
      rules={[...rules(optional).map((rule) => ({ ...rule, whitespace: true })), { max }, { validator }]}
    >
      {rows ? <Input.TextArea rows={rows} maxLength={max} /> : <Input maxLength={max} autoFocus={autoFocus} />}
    </Form.Item>
  );
}

interface NumberFieldProps extends FieldProps {
  min: number;
  max: number;
  unit?: string;
}

export function NumberField({ name, label, optional = false, help, min, max, unit }: NumberFieldProps) {
  return (
    <Form.Item name={name} label={label} extra={help} rules={[...rules(optional), { type: "integer", min, max }]}>
      <InputNumber min={min} max={max} precision={0} className="number-input" suffix={unit} />
    </Form.Item>
  );
}

interface MoneyFieldProps extends FieldProps {
  minCents: number;
  maxCents: number;
}

/** An amount, entered in whole units of the currency and stored in cents. */
export function MoneyField({ name, label, optional = false, help, minCents, maxCents }: MoneyFieldProps) {
  const { money } = useFormat();
  return (
    <Form.Item
      name={name}
      label={label}
      extra={help}
      rules={[
        ...rules(optional),
        { type: "integer", min: minCents, max: maxCents, message: `${money(minCents)} – ${money(maxCents)}` },
      ]}
    >
      <CentsInput min={minCents} max={maxCents} />
    </Form.Item>
  );
}

interface CentsInputProps {
  id?: string;
  value?: number | null;
  onChange?: (cents: number | null) => void;
  min: number;
  max: number;
}

function CentsInput({ id, value, onChange, min, max }: CentsInputProps) {
  const { currency } = useFormat();
  return (
    <InputNumber
      {...(id && { id })}
      className="number-input"
      prefix={currency}
      min={min / 100}
      max={max / 100}
      precision={2}
      step={1}
      formatter={(units) => (units === undefined ? "" : String(units).replace(/\.00$/, ""))}
      value={value == null ? null : value / 100}
      onChange={(units) => onChange?.(units === null ? null : Math.round(units * 100))}
    />
  );
}

/** A calendar day without a time zone: `2026-12-03`. */
export function DayField({ name, label, optional = false, help }: FieldProps) {
  return (
    <Form.Item name={name} label={label} extra={help} rules={rules(optional)}>
      <Input type="date" className="date-input" />
    </Form.Item>
  );
}

/** A moment, entered in local time of the shop's zone and stored in UTC. */
export function MomentField({ name, label, optional = false, help, timeZone }: FieldProps & { timeZone?: string }) {
  const shop = useFormat().timeZone;
  return (
    <Form.Item name={name} label={label} extra={help ?? timeZone ?? shop} rules={rules(optional)}>
      <MomentInput timeZone={timeZone ?? shop} />
    </Form.Item>
  );
}

interface MomentInputProps {
  id?: string;
  value?: string;
  onChange?: (moment: string | undefined) => void;
  timeZone: string;
}

function MomentInput({ id, value, onChange, timeZone }: MomentInputProps) {
  return (
    <Input
      {...(id && { id })}
      type="datetime-local"
      className="date-input"
      value={value ? wallOf(value, timeZone) : ""}
      onChange={(event) => onChange?.(event.target.value ? momentOf(event.target.value, timeZone) : undefined)}
    />
  );
}

export function ChoiceField<T extends string>(props: FieldProps & { options: Record<T, string> }) {
  const { name, label, optional = false, help, options } = props;
  return (
    <Form.Item name={name} label={label} extra={help} rules={rules(optional)}>
      <Select
        allowClear={optional}
        options={Object.entries<string>(options).map(([value, text]) => ({ value, label: text }))}
      />
    </Form.Item>
  );
}

export function YesNoField({ name, label, help }: FieldProps) {
  return (
    <Form.Item name={name} label={label} extra={help} valuePropName="checked">
      <Switch />
    </Form.Item>
  );
}
