import { format, type Config, type Language } from "@millrun/api";
import { isToBePaid, payUntil } from "./progress";
import type { Order } from "./reads";
import type { OrderWords } from "./words";

/** The next step of an order, in a sentence. */
export function nextOf(order: Order, words: OrderWords, language: Language, config: Config): string {
  const { next } = words;
  switch (order.status) {
    case "CREATED":
      return next.created;
    case "RESERVED":
    case "PENDING_PAYMENT": {
      const until = payUntil(order);
      return until ? next.payBefore(moment(until, language, config.timeZone)) : next.reserved;
    }
    case "PAID":
      return order.kind === "PREORDER" ? next.made : next.paid;
    case "SHIPPING_SCHEDULED":
      return next.scheduled;
    case "COMPLETED":
      return next.completed;
    case "EXPIRED":
      return next.expired;
    case "CANCELED":
      return next.canceled;
    case "FAILED":
      return next.failed;
    case "REFUNDED":
      return next.refunded(format.money(order.refunded_cents ?? order.total_cents, order.currency));
  }
}

/** The time in the shop's zone, and the distance when it is within two days. */
export function moment(at: string, language: Language, timeZone: string): string {
  const relative = format.relative(at, language);
  const absolute = format.dateTime(at, language, timeZone);
  if (relative === undefined) return absolute;
  return language === "zh-TW" ? `${absolute}（${relative}）` : `${absolute} (${relative})`;
}

/** The status in a word or two. */
export function stateOf(order: Pick<Order, "kind" | "status">, words: OrderWords): string {
  return words.status[isToBePaid(order) ? "PENDING_PAYMENT" : order.status];
}

export function toneOf(order: Pick<Order, "kind" | "status">): string {
  const { status } = order;
  if (isToBePaid(order)) return "warn";
  if (status === "PAID" || status === "SHIPPING_SCHEDULED" || status === "COMPLETED") return "good";
  return "";
}
