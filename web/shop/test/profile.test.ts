import { describe, expect, it } from "vitest";
import { newAddressId, withAddress, withoutAddress, type Profile } from "../src/account/profile";

const LIN = { name: "Lin Mei", phone: "0912 345 678", email: "lin@shop.example", shipping_address: "1 Mill Road" };
const SAVED: Profile = {
  language: "zh-TW",
  addresses: [
    { address_id: "home", ...LIN, line_user_id: `U${"0".repeat(32)}` },
    { address_id: "work", ...LIN, shipping_address: "2 Mill Road" },
  ],
};

describe("what a customer has saved", () => {
  it("gets a new address at its end", () => {
    const { addresses, language } = withAddress("new", { ...LIN, name: " Wei " })(SAVED);
    expect(addresses.map(({ address_id }) => address_id)).toEqual(["home", "work", "new"]);
    expect(addresses[2]).toEqual({ address_id: "new", ...LIN, name: "Wei" });
    expect(language).toBe("zh-TW");
  });

  it("has a changed address in its place, with what the form does not show", () => {
    const { addresses } = withAddress("home", { ...LIN, shipping_address: "3 Mill Road" })(SAVED);
    expect(addresses.map(({ shipping_address }) => shipping_address)).toEqual(["3 Mill Road", "2 Mill Road"]);
    expect(addresses[0]?.line_user_id).toBe(SAVED.addresses[0]?.line_user_id);
  });

  it("is the same when a change is made twice", () => {
    const add = withAddress("new", LIN);
    expect(add(add(SAVED))).toEqual(add(SAVED));
    expect(withoutAddress("home")(SAVED).addresses.map(({ address_id }) => address_id)).toEqual(["work"]);
    expect(withoutAddress("gone")(SAVED)).toEqual(SAVED);
  });

  it("has ids that the API takes", () => {
    expect(newAddressId()).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
  });
});
