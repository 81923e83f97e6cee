import { answered, useShop, useWords, type components } from "@millrun/api";
import { Form } from "antd";
import { useLocation } from "wouter";
import { Command } from "../kit/Command";
import { ChoiceField, MomentField, MoneyField, NumberField, TextField } from "../kit/Fields";
import { to } from "../kit/to";
import { useWorth } from "./useWorth";
import { WORDS } from "./words";

type Schemas = components["schemas"];

const MONEY_MAX_CENTS = 100_000_000;
export const QUANTITY_MAX = 10_000_000;

interface NewCoupon {
  name: string;
  kind: Schemas["DiscountType"];
  percent?: number;
  amount_cents?: number;
  max_discount_cents?: number | null;
  min_order_cents?: number | null;
  total_quantity: number;
  issue_starts_at: string;
  issue_ends_at: string;
  valid_until: string;
}

function discountOf({ kind, percent, amount_cents }: NewCoupon): Schemas["DiscountBody"] {
  return { type: kind, value: (kind === "PERCENT" ? percent : amount_cents) ?? 0 };
}

function bodyOf(fields: NewCoupon): Schemas["CreateCoupon"] {
  const { name, total_quantity, issue_starts_at, issue_ends_at, valid_until } = fields;
  return {
    name,
    total_quantity,
    issue_starts_at,
    issue_ends_at,
    valid_until,
    discount: discountOf(fields),
    ...(fields.kind === "PERCENT" && fields.max_discount_cents && { max_discount_cents: fields.max_discount_cents }),
    ...(fields.min_order_cents && { min_order_cents: fields.min_order_cents }),
  };
}

export function CreateCoupon() {
  const { client } = useShop();
  const words = useWords(WORDS);
  const worth = useWorth();
  const [, navigate] = useLocation();
  return (
    <Command<NewCoupon, Schemas["CouponView"]>
      command="create_coupon"
      subject="new"
      kind="primary"
      label={words.create.label}
      title={words.create.title}
      initial={{ kind: "PERCENT", percent: 10, total_quantity: 100, issue_starts_at: new Date().toISOString() }}
      fields={() => <NewCouponFields />}
      effect={(fields) => {
        const { discount, max_discount_cents, min_order_cents } = bodyOf(fields);
        return words.create.effect(
          fields.total_quantity || 0,
          worth({
            discount,
            ...(max_discount_cents && { max_discount_cents }),
            ...(min_order_cents && { min_order_cents }),
          }),
        );
      }}
      confirm={() => words.create.confirm}
      send={(fields, key) =>
        answered(
          client.POST("/api/v1/admin/coupons", {
            params: { header: { "Idempotency-Key": key } },
            body: bodyOf(fields),
          }),
        )
      }
      done={({ name }) => words.create.done(name)}
      refresh={[["coupons"]]}
      after={({ coupon_id }) => navigate(to.coupon(coupon_id))}
    />
  );
}

function NewCouponFields() {
  const words = useWords(WORDS);
  return (
    <>
      <TextField name="name" label={words.name} max={100} autoFocus />
      <div className="field-pair">
        <ChoiceField name="kind" label={words.kind} options={words.kinds} />
        <Form.Item noStyle dependencies={["kind"]}>
          {({ getFieldValue }) =>
            getFieldValue("kind") === "PERCENT" ? (
              <>
                <NumberField name="percent" label={words.valuePercent} min={1} max={100} unit="%" />
                <MoneyField
                  name="max_discount_cents"
                  label={words.max}
                  minCents={1}
                  maxCents={MONEY_MAX_CENTS}
                  optional
                />
              </>
            ) : (
              <MoneyField name="amount_cents" label={words.value} minCents={1} maxCents={MONEY_MAX_CENTS} />
            )
          }
        </Form.Item>
        <MoneyField name="min_order_cents" label={words.min} minCents={1} maxCents={MONEY_MAX_CENTS} optional />
        <NumberField name="total_quantity" label={words.quantity} min={1} max={QUANTITY_MAX} />
        <MomentField name="issue_starts_at" label={words.issueFrom} />
        <MomentField name="issue_ends_at" label={words.issueUntil} />
        <MomentField name="valid_until" label={words.validUntil} />
      </div>
    </>
  );
}
