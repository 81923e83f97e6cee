import { expect, it } from "vitest";
import { hue, initial } from "../src/parts/Picture";

it("a product without a picture has its first letter, whatever the script", () => {
  expect(initial(" oolong")).toBe("O");
  expect(initial("高山烏龍")).toBe("高");
});

it("the same product always has the same tint, and most have different ones", () => {
  const ids = Array.from({ length: 40 }, (_, index) => `0197-${index}`);
  expect(ids.map(hue)).toEqual(ids.map(hue));
  expect(new Set(ids.map(hue)).size).toBeGreaterThan(30);
});
