/** Converts local times of the shop's zone, in the format of `<input type="datetime-local">`, to moments and back. */

/** The moment of `2026-12-03T18:00` in a zone. For a local time that occurs twice, the first. */
export function momentOf(wall: string, timeZone: string): string {
  const asUtc = Date.parse(`${wall}:00Z`);
  // The offset before and after a change of the clock; the first that maps back to the same local time is right.
  for (const guess of [asUtc - offsetAt(asUtc - DAY, timeZone), asUtc - offsetAt(asUtc + DAY, timeZone)]) {
    if (wallOf(new Date(guess).toISOString(), timeZone) === wall) return new Date(guess).toISOString();
  }
  return new Date(asUtc - offsetAt(asUtc, timeZone)).toISOString();
}

/** A moment as local time in a zone: `2026-12-03T18:00`. */
export function wallOf(moment: string | Date, timeZone: string): string {
  const { year, month, day, hour, minute } = partsAt(new Date(moment).getTime(), timeZone);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** The day of a moment in a zone: `2026-12-03`. */
export function dayOf(moment: string | Date, timeZone: string): string {
  return wallOf(moment, timeZone).slice(0, 10);
}

/** The day a number of days later: `2026-12-03`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

const DAY = 86_400_000;

function offsetAt(moment: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = partsAt(moment, timeZone);
  const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return wall - Math.floor(moment / 1000) * 1000;
}

type Parts = Record<"year" | "month" | "day" | "hour" | "minute" | "second", string>;

function partsAt(moment: number, timeZone: string): Parts {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value])) as Parts;
}
