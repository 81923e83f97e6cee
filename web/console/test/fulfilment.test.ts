// @vitest-environment node
import { describe, expect, it } from "vitest";
import { toPick } from "../src/fulfilment/picking";
import { parseTracking } from "../src/fulfilment/tracking";
import { csvLine, parseTable } from "../src/kit/csv";

const ORDER = "261130-W8SQK-0B2H8";

describe("tracking numbers", () => {
  it("reads order, carrier and number from commas, semicolons and tabs", () => {
    for (const separator of [", ", ";", "\t"]) {
      const rows = parseTracking([ORDER, "Black Cat", "905-123-456"].join(separator), "");
      expect(rows).toEqual([{ line: 1, order_no: ORDER, carrier: "Black Cat", tracking_no: "905-123-456" }]);
    }
  });

  it("follows the headings of a carrier's file", () => {
    const rows = parseTracking(`Tracking number,Carrier,Order\n1,HCT,${ORDER}`, "");
    expect(rows).toEqual([{ line: 2, order_no: ORDER, carrier: "HCT", tracking_no: "1" }]);
    expect(parseTracking(`訂單編號,物流單號\n${ORDER},77`, "黑貓")).toEqual([
      { line: 2, order_no: ORDER, carrier: "黑貓", tracking_no: "77" },
    ]);
  });

  it("says of each line what is wrong with it", () => {
    const rows = parseTracking(`${ORDER},1\n,HCT,2\n261130-AAAAA-BBBBB,HCT,\n${ORDER.replaceAll("-", "")},HCT,3`, "");
    expect(rows.map(({ fault }) => fault)).toEqual(["no_carrier", "no_order", "no_tracking", "twice"]);
  });

  it("takes the carrier of the form for lines that name none", () => {
    expect(parseTracking(`${ORDER.toLowerCase()}\t1`, " HCT ")).toEqual([
      { line: 1, order_no: ORDER, carrier: "HCT", tracking_no: "1" },
    ]);
  });

  it("reads nothing from nothing", () => {
    expect(parseTracking(" \n\n", "HCT")).toEqual([]);
  });
});

describe("a table of cells", () => {
  it("keeps what stands in quotes together", () => {
    expect(parseTable('"Lin, Mei","She said ""yes""\nand left"\r\nb,')).toEqual([
      ["Lin, Mei", 'She said "yes"\nand left'],
      ["b", ""],
    ]);
  });

  it("leaves out a byte-order mark and empty lines", () => {
    expect(parseTable("\uFEFFa,b\n\n\nc,d\n")).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("is written so that a spreadsheet calculates nothing of it", () => {
    expect(csvLine(["=1+1", "a,b", 'say "x"', 3])).toBe('\'=1+1,"a,b","say ""x""",3');
  });
});

describe("the picking list", () => {
  const line = (variant: string, quantity: number) => ({
    variant_id: variant,
    product_id: "p",
    name: `Product ${variant}`,
    quantity,
    unit_price_cents: 100,
    subtotal_cents: 100 * quantity,
    discount_cents: 0,
  });

  it("adds up what all orders need, by product", () => {
    expect(toPick([{ lines: [line("b", 2), line("a", 1)] }, { lines: [line("b", 3)] }])).toEqual([
      { variant_id: "a", product_id: "p", name: "Product a", quantity: 1, orders: 1 },
      { variant_id: "b", product_id: "p", name: "Product b", quantity: 5, orders: 2 },
    ]);
  });

  it("is empty without orders", () => {
    expect(toPick([])).toEqual([]);
  });
});
