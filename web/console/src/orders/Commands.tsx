import { answered, useShop, useWords } from "@millrun/api";
import { Form, Radio } from "antd";
import { Command } from "../kit/Command";
import { MoneyField, TextField } from "../kit/Fields";
import { useFormat } from "../kit/Show";
import { piecesOf, refundableCents, type AdminOrder, type Contact } from "./api";
import { WORDS } from "./words";

const CANCELABLE = new Set(["RESERVED", "PENDING_PAYMENT", "PAID", "SHIPPING_SCHEDULED"]);
// A canceled or failed order is refunded automatically.
const REFUNDABLE = new Set(["PAID", "SHIPPING_SCHEDULED", "COMPLETED"]);
const UNSHIPPED = new Set(["RESERVED", "PENDING_PAYMENT", "PAID", "SHIPPING_SCHEDULED"]);

function refreshOf(order: AdminOrder) {
  return [["order", order.order_id], ["orders"], ["summary"]] as const;
}

interface Shipping {
  way: "parcel" | "pickup";
  carrier?: string;
  tracking_no?: string;
  pickup_info?: string;
}

export function ShipOrder({ order, size = "middle" }: { order: AdminOrder; size?: "small" | "middle" }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  if (order.status !== "SHIPPING_SCHEDULED") return null;
  return (
    <Command<Shipping, AdminOrder>
      command="ship_order"
      subject={order.order_id}
      kind="primary"
      size={size}
      label={words.ship.label}
      title={words.ship.title(order.order_no)}
      initial={{ way: "parcel" }}
      fields={() => (
        <>
          <Form.Item name="way" label={words.ship.way}>
            <Radio.Group
              optionType="button"
              options={[
                { value: "parcel", label: words.ship.parcel },
                { value: "pickup", label: words.ship.pickup },
              ]}
            />
          </Form.Item>
          <Form.Item noStyle dependencies={["way"]}>
            {({ getFieldValue }) =>
              getFieldValue("way") === "pickup" ? (
                <TextField name="pickup_info" label={words.pickup} help={words.ship.pickupHelp} max={300} rows={2} />
              ) : (
                <>
                  <TextField name="carrier" label={words.carrier} max={60} autoFocus />
                  <TextField name="tracking_no" label={words.trackingNo} max={60} />
                </>
              )
            }
          </Form.Item>
        </>
      )}
      effect={() => words.ship.effect(piecesOf(order), order.contact?.name ?? words.byWhom.customer)}
      confirm={() => words.ship.confirm}
      send={({ way, carrier, tracking_no, pickup_info }, key) =>
        answered(
          client.POST("/api/v1/admin/orders/{order_id}/ship", {
            params: { path: { order_id: order.order_id }, header: { "Idempotency-Key": key } },
            body: way === "pickup" ? { pickup_info } : { carrier, tracking_no },
          }),
        )
      }
      done={({ order_no }) => words.ship.done(order_no)}
      refresh={refreshOf(order)}
    />
  );
}

export function CancelOrder({ order }: { order: AdminOrder }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { money } = useFormat();
  if (!CANCELABLE.has(order.status)) return null;
  const paid = refundableCents(order);
  return (
    <Command<{ reason: string }, AdminOrder>
      command="cancel_order_as_admin"
      subject={order.order_id}
      kind="danger"
      label={words.cancel.label}
      title={words.cancel.title(order.order_no)}
      fields={() => (
        <TextField name="reason" label={words.cancel.reason} help={words.cancel.reasonHelp} max={200} autoFocus />
      )}
      effect={() => words.cancel.effect(piecesOf(order), paid > 0 ? money(paid, order.currency) : undefined)}
      confirm={() => words.cancel.confirm}
      send={({ reason }, key) =>
        answered(
          client.POST("/api/v1/admin/orders/{order_id}/cancel", {
            params: { path: { order_id: order.order_id }, header: { "Idempotency-Key": key } },
            body: { reason },
          }),
        )
      }
      done={({ order_no }) => words.cancel.done(order_no)}
      refresh={refreshOf(order)}
    />
  );
}

export function RefundOrder({ order }: { order: AdminOrder }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { money } = useFormat();
  const left = refundableCents(order);
  if (left <= 0 || !REFUNDABLE.has(order.status)) return null;
  return (
    <Command<{ amount_cents: number; reason: string }, AdminOrder>
      command="refund_order"
      subject={order.order_id}
      kind="danger"
      label={words.refund.label}
      title={words.refund.title(order.order_no)}
      initial={{ amount_cents: left }}
      fields={() => (
        <>
          <MoneyField
            name="amount_cents"
            label={words.refund.amount}
            help={words.refund.amountHelp(money(left, order.currency))}
            minCents={1}
            maxCents={left}
          />
          <TextField name="reason" label={words.refund.reason} max={200} />
        </>
      )}
      effect={({ amount_cents }) =>
        words.refund.effect(money(amount_cents || left, order.currency), (amount_cents || left) === left)
      }
      confirm={({ amount_cents }) => words.refund.confirm(money(amount_cents || left, order.currency))}
      send={({ amount_cents, reason }, key) =>
        answered(
          client.POST("/api/v1/admin/orders/{order_id}/refund", {
            params: { path: { order_id: order.order_id }, header: { "Idempotency-Key": key } },
            body: { reason, ...(amount_cents !== left && { amount_cents }) },
          }),
        )
      }
      done={({ order_no }) => words.refund.done(order_no)}
      refresh={refreshOf(order)}
    />
  );
}

export function CorrectContact({ order, contact }: { order: AdminOrder; contact: Contact }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  if (!UNSHIPPED.has(order.status)) return null;
  const { name, phone, shipping_address } = contact;
  const initial = { name, phone, shipping_address };
  return (
    <Command<typeof initial, AdminOrder>
      command="change_contact_as_admin"
      subject={order.order_id}
      kind="link"
      size="small"
      label={words.correct.label}
      title={words.correct.title}
      initial={initial}
      fields={() => (
        <>
          <TextField name="name" label={words.name} max={100} autoFocus />
          <TextField name="phone" label={words.phone} max={20} />
          <TextField name="shipping_address" label={words.address} max={300} rows={3} />
        </>
      )}
      effect={() => words.correct.effect}
      confirm={() => words.correct.confirm}
      send={(values) =>
        answered(
          client.PATCH("/api/v1/admin/orders/{order_id}/contact", {
            params: { path: { order_id: order.order_id } },
            body: values,
          }),
        )
      }
      done={() => words.correct.done}
      refresh={refreshOf(order)}
    />
  );
}
