import { useShop, useWords } from "@millrun/api";
import { Form, Input } from "antd";
import { Command } from "../kit/Command";
import { send } from "../kit/coming";
import { MoneyField, TextField } from "../kit/Fields";
import { useFormat } from "../kit/Show";
import type { Customer } from "./api";
import { WORDS } from "./words";

const BALANCE_MAX_CENTS = 200_000_000;

export function GrantPoints({ customer }: { customer: Customer }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { money } = useFormat();
  const { customer_id, points } = customer;
  return (
    <Command<{ amount_cents: number; reason: string }, { balance_cents: number }>
      command="grant_points"
      subject={customer_id}
      label={words.grant.label}
      title={words.grant.title}
      fields={() => (
        <>
          <MoneyField
            name="amount_cents"
            label={words.grant.amount}
            help={words.grant.help}
            minCents={-points.balance_cents}
            maxCents={BALANCE_MAX_CENTS - points.balance_cents}
          />
          <TextField name="reason" label={words.grant.reason} max={200} />
        </>
      )}
      effect={({ amount_cents }) =>
        words.grant.effect(money(points.balance_cents), money(points.balance_cents + (amount_cents || 0)))
      }
      confirm={({ amount_cents }) => words.grant.confirm(money(Math.abs(amount_cents || 0)), amount_cents < 0)}
      send={(body, key) => send(client, "POST", `/admin/customers/${customer_id}/points`, key, body)}
      done={({ balance_cents }) => words.grant.done(money(balance_cents))}
      refresh={[["customer", customer_id]]}
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
      send={(_, key) => send(client, "POST", `/admin/customers/${customer_id}/erase`, key)}
      done={() => words.done}
      refresh={[["customer", customer_id], ["customers"], ["orders"]]}
    />
  );
}

async function checkWord(text: string, words: { word: string; type: (word: string) => string }): Promise<void> {
  if (text && text.trim() !== words.word) throw new Error(words.type(words.word));
}
