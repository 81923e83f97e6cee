// @vitest-environment node
import { describe, expect, it } from "vitest";
import { bodyOf, CODE, type MethodFields } from "../src/delivery/api";

const HOME: MethodFields = {
  code: "HOME",
  name: " Black Cat ",
  kind: "HOME",
  fee_cents: 10_000,
  enabled: true,
  sort: 1,
};

describe("a shipping method", () => {
  it("has a fee, and no threshold and no surcharge where none is entered", () => {
    expect(bodyOf({ ...HOME, free_from_cents: null })).toEqual({
      name: "Black Cat",
      kind: "HOME",
      fee_cents: 10_000,
      island_surcharge_cents: 0,
      enabled: true,
      sort: 1,
    });
    expect(bodyOf({ ...HOME, free_from_cents: 150_000, island_surcharge_cents: 9_000 })).toMatchObject({
      free_from_cents: 150_000,
      island_surcharge_cents: 9_000,
    });
  });

  it("costs nothing where the goods are picked up, whatever was entered before", () => {
    const picked = bodyOf({ ...HOME, kind: "PICKUP", free_from_cents: 1, island_surcharge_cents: 9_000 });
    expect(picked).toEqual({ name: "Black Cat", kind: "PICKUP", fee_cents: 0, enabled: true, sort: 1 });
  });

  it("has a code of letters, digits, hyphens and underscores", () => {
    for (const code of ["HOME", "store-2", "a_b"]) expect(CODE.test(code), code).toBe(true);
    for (const code of ["", "宅配", "two words", "x".repeat(33)]) expect(CODE.test(code), code).toBe(false);
  });
});
