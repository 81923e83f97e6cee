import { expect, it } from "vitest";
import { swapped } from "../src/catalog/Images";
import { faultOf, IMAGE_BYTES_MAX } from "../src/catalog/upload";

it("names what the shop would refuse of a file before it is sent", () => {
  expect(faultOf({ type: "image/webp", size: IMAGE_BYTES_MAX })).toBeUndefined();
  expect(faultOf({ type: "image/webp", size: IMAGE_BYTES_MAX + 1 })).toBe("size");
  expect(faultOf({ type: "image/png", size: 0 })).toBe("size");
  for (const type of ["image/gif", "image/svg+xml", "text/html", ""]) {
    expect(faultOf({ type, size: 1 })).toBe("type");
  }
});

it("moves an image before the one that stands before it", () => {
  expect(swapped(["a", "b", "c"], 1)).toEqual(["b", "a", "c"]);
  expect(swapped(["a", "b", "c"], 2)).toEqual(["a", "c", "b"]);
});
