// @vitest-environment node
import { describe, expect, it } from "vitest";
import { stageOf, type Batch } from "../src/batches/api";
import { phaseOf as couponPhase, type Coupon } from "../src/coupons/api";
import { needsSomebody, type Task } from "../src/money/api";
import { piecesOf, refundableCents, type AdminOrder } from "../src/orders/api";
import { phaseOf as windowPhase, type SellWindow } from "../src/windows/api";

const NOW = Date.parse("2026-11-30T00:00:00Z");

function batch(of: Partial<Batch>): Batch {
  return { status: "CREATED", offer_status: "REACHED", progress: [], ...of } as Batch;
}

describe("where a batch stands on the board", () => {
  it.each([
    [batch({}), "toConfirm"],
    [batch({ status: "CONFIRMED", offer_status: "LOCKED" }), "paying"],
    [batch({ status: "CONFIRMED", offer_status: "FINALIZED" }), "producing"],
    [
      batch({
        status: "CONFIRMED",
        offer_status: "FINALIZED",
        progress: [{ work: "SCHEDULE_SHIPPING", is_done: false, orders_count: 1 }],
      }),
      "shipping",
    ],
    [batch({ status: "CANCELED" }), "canceled"],
  ] as const)("%#", (of, stage) => {
    expect(stageOf(of)).toBe(stage);
  });
});

describe("the phase of a window", () => {
  const window = (start_at: string, end_at: string, closes_at = end_at) =>
    ({ start_at, end_at, offers: [{ closes_at }] }) as SellWindow;

  it("follows its period", () => {
    expect(windowPhase(window("2026-12-01T00:00:00Z", "2026-12-09T00:00:00Z"), NOW)).toBe("upcoming");
    expect(windowPhase(window("2026-11-01T00:00:00Z", "2026-12-09T00:00:00Z"), NOW)).toBe("open");
    expect(windowPhase(window("2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z"), NOW)).toBe("over");
  });

  it("stays open while an extended offer is", () => {
    const extended = window("2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z", "2026-12-09T00:00:00Z");
    expect(windowPhase(extended, NOW)).toBe("open");
  });
});

describe("the phase of a campaign", () => {
  const coupon = (issue_starts_at: string, issue_ends_at: string, remaining_qty = 1) =>
    ({ issue_starts_at, issue_ends_at, remaining_qty }) as Coupon;

  it("tells taken from over", () => {
    expect(couponPhase(coupon("2026-12-01T00:00:00Z", "2026-12-09T00:00:00Z"), NOW)).toBe("upcoming");
    expect(couponPhase(coupon("2026-11-01T00:00:00Z", "2026-12-09T00:00:00Z"), NOW)).toBe("open");
    expect(couponPhase(coupon("2026-11-01T00:00:00Z", "2026-12-09T00:00:00Z", 0), NOW)).toBe("soldOut");
    expect(couponPhase(coupon("2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z", 0), NOW)).toBe("over");
  });
});

describe("an order's money", () => {
  const order = (of: Partial<AdminOrder>): AdminOrder =>
    ({ total_cents: 1000, history: [{ status: "RESERVED", at: "" }], lines: [], ...of }) as AdminOrder;
  const paid = [{ status: "PAID", at: "" }] as AdminOrder["history"];

  it("can be given back only as far as it came and was not given back yet", () => {
    expect(refundableCents(order({}))).toBe(0);
    expect(refundableCents(order({ history: paid }))).toBe(1000);
    expect(refundableCents(order({ history: paid, refunded_cents: 400 }))).toBe(600);
  });

  it("is for all its pieces", () => {
    expect(piecesOf(order({ lines: [{ quantity: 2 }, { quantity: 3 }] as AdminOrder["lines"] }))).toBe(5);
  });
});

describe("a payment task", () => {
  it("needs somebody only where the shop cannot help itself, until it is done", () => {
    const task = (of: Partial<Task>) => of as Task;
    expect(needsSomebody(task({ kind: "MANUAL_REFUND" }))).toBe(true);
    expect(needsSomebody(task({ kind: "MANUAL_REFUND", done_at: "2026-12-03T10:00:00Z" }))).toBe(false);
    expect(needsSomebody(task({ kind: "LATE_REFUNDED" }))).toBe(false);
  });
});
