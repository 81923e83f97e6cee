import type { Client } from "@millrun/api";

/** The cells of a pasted or dropped table: commas, semicolons or tabs between them, quotes around what contains one. */
export function parseTable(text: string): string[][] {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.some((value) => value !== "")) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell.trim() === "") {
      quoted = true;
      cell = "";
    } else if (char === separator) endCell();
    else if (char === "\n") endRow();
    else if (char !== "\r" && char !== "\uFEFF") cell += char;
  }
  endRow();
  return rows;
}

function separatorOf(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return ["\t", ";"].find((separator) => line.includes(separator)) ?? ",";
}

/** Offers a text as a file. */
export function saveFile(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Cells as one line of CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map((cell) => csvCell(cell)).join(",");
}

function csvCell(cell: string | number): string {
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

type RawGet = (
  path: string,
  init: { params: { query: object }; headers: object; parseAs: "text" },
) => Promise<{ data?: string; response: Response }>;

/** Downloads a list as the API writes it in CSV; false where this shop does not write it so. */
export async function downloadCsv(client: Client, path: string, query: object, name: string): Promise<boolean> {
  const get = client.GET as unknown as RawGet;
  const { data, response } = await get(`/api/v1${path}`, {
    params: { query },
    headers: { Accept: "text/csv" },
    parseAs: "text",
  });
  if (!response.ok || !response.headers.get("Content-Type")?.startsWith("text/csv")) return false;
  saveFile(data ?? "", name);
  return true;
}
