import { answered, useShop, useWords, type components } from "@millrun/api";
import { Form, Input } from "antd";
import { Command } from "../kit/Command";
import { MoneyField, TextField } from "../kit/Fields";
import { useFormat } from "../kit/Show";
import type { Customer } from "./api";
import { WORDS } from "./words";

const GRANT_MAX_CENTS = 1_000_000_000;

/** Gives or takes points. */
export function GrantPoints({ customerId, balanceCents }: { customerId: string; balanceCents: number }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { money } = useFormat();
  return (
    <Command<{ amount_cents: number; reason: string }, components["schemas"]["ChargeView"]>
      command="grant_points"
      subject={customerId}
      label={words.grant.label}
      title={words.grant.title}
      fields={() => (
        <>
          <MoneyField
            name="amount_cents"
            label={words.grant.amount}
            help={words.grant.help}
            minCents={-balanceCents}
            maxCents={GRANT_MAX_CENTS}
          />
          <TextField name="reason" label={words.grant.reason} max={200} />
        </>
      )}
      effect={({ amount_cents }) => words.grant.effect(money(balanceCents), money(balanceCents + (amount_cents || 0)))}
      confirm={({ amount_cents }) => words.grant.confirm(money(Math.abs(amount_cents || 0)), amount_cents < 0)}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/customers/{customer_id}/points", {
            params: { path: { customer_id: customerId }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={({ balance_cents, currency }) => words.grant.done(money(balance_cents, currency))}
      refresh={[["customer", customerId]]}
    />
  );
}

export function EraseCustomer({ customer }: { customer: Customer }) {
  const { client } = useShop();
  const words = useWords(WORDS).erase;
  const { customer_id } = customer;
  return (
    <Command<{ word: string }, unknown>
      command="erase_customer"
      subject={customer_id}
      kind="danger"
      label={words.label}
      title={words.title}
      fields={() => (
        <Form.Item
          name="word"
          label={words.type(words.word)}
          rules={[{ required: true }, { validator: async (_, text: string) => checkWord(text, words) }]}
        >
          <Input autoComplete="off" autoFocus />
        </Form.Item>
      )}
      effect={() => words.effect}
      confirm={() => words.confirm}
      send={(_, key) =>
        answered(
          client.POST("/api/v1/admin/customers/{customer_id}/erase", {
            params: { path: { customer_id }, header: { "Idempotency-Key": key } },
          }),
        )
      }
      done={() => words.done}
      refresh={[["customer", customer_id], ["customers"], ["orders"]]}
    />
  );
}

async function checkWord(text: string, words: { word: string; type: (word: string) => string }): Promise<void> {
  if (text && text.trim() !== words.word) throw new Error(words.type(words.word));
}
