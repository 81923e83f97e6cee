import { describe, expect, it } from "vitest";
import { bodyOf, isPostalCode, needsPostalCode, postalCodeOf, type ShippingMethod } from "../src/checkout/shipping";

function method(change: Partial<ShippingMethod>): ShippingMethod {
  return {
    code: "HOME",
    name: "Parcel",
    kind: "HOME",
    provider: "MANUAL",
    fee_cents: 10_000,
    island_surcharge_cents: 0,
    enabled: true,
    sort: 1,
    ...change,
  };
}

describe("the delivery of an order", () => {
  it("is left out in a shop without methods", () => {
    expect(bodyOf(undefined, "100")).toBeUndefined();
  });

  it("says the postal code where the fee depends on it", () => {
    expect(bodyOf(method({}), "880")).toEqual({ method_code: "HOME" });
    const toIslands = method({ island_surcharge_cents: 9_000 });
    expect(needsPostalCode(toIslands)).toBe(true);
    expect(bodyOf(toIslands, " 880 ")).toEqual({ method_code: "HOME", postal_code: "880" });
    expect(needsPostalCode(method({ kind: "PICKUP", island_surcharge_cents: 9_000 }))).toBe(false);
  });

  it("suggests the postal code that an address begins with", () => {
    expect(postalCodeOf("100 台北市中正區重慶南路一段 122 號")).toBe("100");
    expect(postalCodeOf(" 10048台北市")).toBe("10048");
    expect(postalCodeOf("880002 澎湖縣馬公市")).toBe("880002");
    for (const address of ["", "No. 1, Mill Road", "12 Mill Road", "1234567 Mill Road"]) {
      expect(postalCodeOf(address), address).toBe("");
    }
  });

  it("takes the postal codes that the shop takes", () => {
    for (const code of ["100", "10048", "SW1A 1AA", " 880 "]) expect(isPostalCode(code), code).toBe(true);
    for (const code of ["", "1", "- -", "12345678901", "台北"]) expect(isPostalCode(code), code).toBe(false);
  });
});
