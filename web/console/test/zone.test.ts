// @vitest-environment node
import { describe, expect, it } from "vitest";
import { addDays, dayOf, momentOf, wallOf } from "../src/kit/zone";

describe("wall-clock times of the shop's zone", () => {
  it("reads what a clock in Taipei shows as the moment that is then", () => {
    expect(momentOf("2026-12-03T18:00", "Asia/Taipei")).toBe("2026-12-03T10:00:00.000Z");
    expect(wallOf("2026-12-03T10:00:00.000Z", "Asia/Taipei")).toBe("2026-12-03T18:00");
  });

  it("knows that a zone's distance changes with the season", () => {
    expect(momentOf("2026-07-01T09:00", "Europe/Berlin")).toBe("2026-07-01T07:00:00.000Z");
    expect(momentOf("2026-12-01T09:00", "Europe/Berlin")).toBe("2026-12-01T08:00:00.000Z");
  });

  it("takes the first of two moments that a clock shows alike", () => {
    expect(momentOf("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
  });

  it("takes a time that no clock shows for one an hour off at most", () => {
    const moment = Date.parse(momentOf("2026-03-29T02:30", "Europe/Berlin"));
    expect(Math.abs(moment - Date.parse("2026-03-29T01:00:00Z"))).toBeLessThanOrEqual(3_600_000);
  });

  it("begins the day at the zone's midnight", () => {
    expect(dayOf("2026-11-30T16:00:00Z", "Asia/Taipei")).toBe("2026-12-01");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  });
});
