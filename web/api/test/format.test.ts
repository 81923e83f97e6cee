import { describe, expect, it } from "vitest";
import { format } from "../src";

describe("money", () => {
  it("has no decimals where nobody pays in the minor unit", () => {
    expect(format.money(480_000, "TWD")).toBe("NT$\u00a04,800");
    expect(format.money(480_050, "TWD")).toBe("NT$\u00a04,800.50");
    expect(format.money(1_999, "EUR")).toBe("€\u00a019.99");
  });

  it("puts the sign before the currency", () => {
    expect(format.money(-5_000, "TWD")).toBe("−NT$\u00a050");
  });
});

describe("times", () => {
  const at = "2026-12-03T10:00:00Z";

  it("are in the zone that was asked for, with the weekday", () => {
    expect(format.dateTime(at, "en", "Asia/Taipei")).toBe("Thu 3 Dec, 18:00");
    expect(format.dateTime(at, "en", "UTC")).toBe("Thu 3 Dec, 10:00");
    expect(format.dateTime(at, "zh-TW", "Asia/Taipei")).toContain("18:00");
  });

  it("are relative within two days only", () => {
    const now = new Date(at).getTime();
    expect(format.relative(at, "en", now - 5 * 3_600_000)).toBe("in 5 hours");
    expect(format.relative(at, "en", now + 20 * 60_000)).toBe("20 minutes ago");
    expect(format.relative(at, "en", now - 48 * 3_600_000)).toBeUndefined();
  });

  it("count down to zero and no further", () => {
    const now = new Date(at).getTime();
    expect(format.remaining(at, now - 3 * 86_400_000 - 4 * 3_600_000 - 65_000)).toEqual({
      days: 3,
      hours: 4,
      minutes: 1,
      seconds: 5,
    });
    expect(format.remaining(at, now + 1)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
  });
});
