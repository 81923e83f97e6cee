import { parseTable } from "../kit/csv";

export type RowFault = "no_order" | "no_tracking" | "no_carrier" | "twice";

export interface TrackingRow {
  /** Counted from 1, as in a spreadsheet. */
  line: number;
  order_no: string;
  carrier: string;
  tracking_no: string;
  fault?: RowFault;
}

const HEADINGS: Record<"order_no" | "carrier" | "tracking_no", RegExp> = {
  order_no: /^(order|order[ _]?(no|number)|訂單|訂單編號)$/i,
  carrier: /^(carrier|courier|物流|物流業者)$/i,
  tracking_no: /^(tracking|tracking[ _]?(no|number)|查詢號碼|物流單號|單號)$/i,
};

/**
 * Parses pasted or dropped lines of order number, carrier and tracking number; a header line may define another order
 * of columns.
 */
export function parseTracking(text: string, defaultCarrier: string): TrackingRow[] {
  const table = parseTable(text);
  const headings = table[0] ? columnsOf(table[0]) : undefined;
  const lines = headings ? table.slice(1) : table;
  const seen = new Set<string>();
  return lines.map((cells, index) => {
    const row = headings ? namedCells(cells, headings) : placedCells(cells);
    const order_no = row.order_no.toUpperCase();
    const carrier = row.carrier || defaultCarrier.trim();
    const parsed = { line: index + (headings ? 2 : 1), order_no, carrier, tracking_no: row.tracking_no };
    const fault = faultOf(parsed, seen);
    seen.add(plain(order_no));
    return fault ? { ...parsed, fault } : parsed;
  });
}

/** Normalises an order number. */
function plain(orderNo: string): string {
  return orderNo.replace(/[- ]/g, "").toUpperCase();
}

function faultOf(row: TrackingRow, seen: ReadonlySet<string>): RowFault | undefined {
  if (row.order_no === "") return "no_order";
  if (row.tracking_no === "") return "no_tracking";
  if (row.carrier === "") return "no_carrier";
  return seen.has(plain(row.order_no)) ? "twice" : undefined;
}

type Columns = Record<keyof typeof HEADINGS, number>;
type Cells = Record<keyof typeof HEADINGS, string>;

function columnsOf(cells: readonly string[]): Columns | undefined {
  const find = (name: keyof typeof HEADINGS) => cells.findIndex((cell) => HEADINGS[name].test(cell));
  const columns = { order_no: find("order_no"), carrier: find("carrier"), tracking_no: find("tracking_no") };
  return columns.order_no >= 0 && columns.tracking_no >= 0 ? columns : undefined;
}

function namedCells(cells: readonly string[], columns: Columns): Cells {
  const cell = (at: number) => (at >= 0 ? (cells[at] ?? "") : "");
  return { order_no: cell(columns.order_no), carrier: cell(columns.carrier), tracking_no: cell(columns.tracking_no) };
}

function placedCells(cells: readonly string[]): Cells {
  const [order_no = "", second = "", third = ""] = cells;
  return cells.length > 2
    ? { order_no, carrier: second, tracking_no: third }
    : { order_no, carrier: "", tracking_no: second };
}
