import { ApiError } from "@millrun/api";
import { describe, expect, it } from "vitest";
import { check, isRight, refusedFields } from "../src/checkout/contact";
import { WORDS } from "../src/checkout/words";

const RIGHT = { name: "Lin", phone: "0912 345 678", email: "lin@shop.example", shipping_address: "No. 1, Taipei" };

describe("contact data", () => {
  it("is right when everything is there", () => {
    expect(isRight(check(RIGHT, WORDS.en))).toBe(true);
  });

  it("says what is wrong with each field", () => {
    const wrong = check({ name: " ", phone: "12-34", email: "lin", shipping_address: "" }, WORDS.en);
    expect(wrong).toEqual({
      name: WORDS.en.missing,
      phone: WORDS.en.tooShort,
      email: WORDS.en.notEmail,
      shipping_address: WORDS.en.missing,
    });
  });

  it("shows what the shop refused at its field", () => {
    const refusal = new ApiError("invalid_request", 422, "", [{ field: "contact.phone", message: "too long" }]);
    expect(refusedFields(refusal)).toEqual({ phone: "too long" });
  });
});
