import type { Order, Status } from "./reads";

type InstantStep = "placed" | "pay" | "packed" | "shipped";
type PreorderStep = "reserved" | "enough" | "pay" | "made" | "shipped";
export type StepName = InstantStep | PreorderStep;

const INSTANT: readonly InstantStep[] = ["placed", "pay", "packed", "shipped"];
const PREORDER: readonly PreorderStep[] = ["reserved", "enough", "pay", "made", "shipped"];
const PRESENT: Record<"INSTANT" | "PREORDER", Partial<Record<Status, StepName>>> = {
  INSTANT: { CREATED: "placed", RESERVED: "pay", PENDING_PAYMENT: "pay", PAID: "packed", SHIPPING_SCHEDULED: "packed" },
  PREORDER: {
    CREATED: "reserved",
    RESERVED: "enough",
    PENDING_PAYMENT: "pay",
    PAID: "made",
    SHIPPING_SCHEDULED: "shipped",
  },
};

/** The stages of an order and the current one; undefined for an order that ended before it was shipped. */
export function progressOf({ kind, status }: Pick<Order, "kind" | "status">) {
  const names: readonly StepName[] = kind === "INSTANT" ? INSTANT : PREORDER;
  if (status === "COMPLETED") return names.map((name) => ({ name, state: "done" as const }));
  const present = PRESENT[kind][status];
  if (present === undefined) return undefined;
  const at = names.indexOf(present);
  return names.map((name, index) => ({
    name,
    state: index < at ? ("done" as const) : index === at ? ("now" as const) : ("ahead" as const),
  }));
}

/** Whether the customer can pay now: an order from stock at once, a preorder after its batch was confirmed. */
export function isToBePaid({ kind, status }: Pick<Order, "kind" | "status">): boolean {
  return status === "PENDING_PAYMENT" || (kind === "INSTANT" && status === "RESERVED");
}

/** The payment deadline of an order. */
export function payUntil(order: Order): string | undefined {
  if (!isToBePaid(order)) return undefined;
  return order.pay_before ?? order.hold_expires_at ?? undefined;
}

/** Until it is on its way, or has ended. */
export function isContactChangeable({ status }: Pick<Order, "status">): boolean {
  return status === "SHIPPING_SCHEDULED" || isCancelable({ status });
}

export function isCancelable({ status }: Pick<Order, "status">): boolean {
  return status === "RESERVED" || status === "PENDING_PAYMENT" || status === "PAID";
}
