import { describe, expect, it } from "vitest";
import { areaOf, AREAS } from "../src/frame/areas";
import { isStaff, mayDo, maySee } from "../src/kit/access";
import { injectCSS, removeCSS, updateCSS } from "../src/kit/sheets";
import { searchOf, to } from "../src/kit/to";

describe("what a search text means", () => {
  it.each([
    ["261130-W8SQK-0B2H8", { order_no: "261130-W8SQK-0B2H8" }],
    ["261130w8sqk0b2h8", { order_no: "261130W8SQK0B2H8" }],
    ["2611301234567890", { order_no: "2611301234567890" }],
    ["ada@example.com", { email: "ada@example.com" }],
    [" 0912-345-678", { phone: "0912-345-678" }],
    ["+886 912 345 678", { phone: "+886 912 345 678" }],
    ["(02) 2345 6789", { phone: "(02) 2345 6789" }],
    ["01A22A44-BA89-7093-837F-88CDE6058A28", { order_id: "01a22a44-ba89-7093-837f-88cde6058a28" }],
  ])("%s", (text, filters) => {
    expect(searchOf(text)).toEqual(filters);
  });

  it("is nothing without a letter", () => {
    expect(searchOf("  ")).toBeUndefined();
  });
});

describe("addresses", () => {
  it("keep an id's characters", () => {
    expect(to.order("a/b?c")).toBe("/orders/a%2Fb%3Fc");
    expect(to.orders({ order_no: "a+b@c" })).toBe("/orders?order_no=a%2Bb%40c");
  });

  it("name the area that the menu marks", () => {
    expect(areaOf("/")).toBe("home");
    expect(areaOf("/orders/1")).toBe("orders");
    expect(areaOf("/work-orders/1")).toBe("work-orders");
    expect(areaOf("/ordersomething")).toBe("home");
  });

  it("have a key of their own for each area", () => {
    expect(new Set(AREAS.map(({ key }) => key)).size).toBe(AREAS.length);
  });
});

describe("who may do what", () => {
  it("lets an administrator do everything", () => {
    expect(mayDo(["admin"], "erase_customer")).toBe(true);
    expect(maySee(["admin"], "machine")).toBe(true);
  });

  it("lets fulfilment ship, but give no money back", () => {
    expect(mayDo(["fulfilment"], "ship_order")).toBe(true);
    expect(mayDo(["fulfilment"], "refund_order")).toBe(false);
    expect(maySee(["fulfilment"], "money")).toBe(false);
  });

  it("lets support cancel, but not ship", () => {
    expect(mayDo(["support"], "cancel_order_as_admin")).toBe(true);
    expect(mayDo(["support"], "ship_order")).toBe(false);
  });

  it("lets a viewer see everything and do nothing", () => {
    expect(maySee(["viewer"], "machine")).toBe(true);
    expect(mayDo(["viewer"], "ship_order")).toBe(false);
  });

  it("takes a group's name exactly and whole", () => {
    expect(isStaff(["Admin", "admins", "customers"])).toBe(false);
    expect(mayDo(["superadmin"], "ship_order")).toBe(false);
    expect(mayDo(["viewer", "fulfilment"], "ship_order")).toBe(true);
  });
});

describe("Ant's styles", () => {
  const texts = () => document.adoptedStyleSheets.map(({ cssRules }) => cssRules[0]?.cssText.slice(0, 2));

  it("lie in constructed sheets in Ant's order, and in no style element", () => {
    updateCSS(".a {}", "a", { prepend: "queue", priority: 1 });
    injectCSS(".z {}");
    updateCSS(".b {}", "b", { prepend: "queue", priority: -999 });
    updateCSS(".c {}", "c", { prepend: "queue", priority: 1 });
    expect(texts()).toEqual([".b", ".a", ".c", ".z"]);
    updateCSS(".d {}", "a");
    expect(texts()).toEqual([".b", ".d", ".c", ".z"]);
    removeCSS("b");
    removeCSS("unknown");
    expect(texts()).toEqual([".d", ".c", ".z"]);
    expect(document.querySelector("style")).toBeNull();
  });
});
