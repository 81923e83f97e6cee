import type { Client } from "@millrun/api";

/**
 * Parses a pasted or dropped table: separated by commas, semicolons or tabs, with quotes around cells that contain a
 * separator.
 */
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

/** Downloads a text as a file. */
export function saveFile(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** One line of CSV. A cell that a spreadsheet would read as a formula gets an apostrophe in front. */
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

/** Downloads a list as CSV from the API; false if this shop does not offer it. */
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
