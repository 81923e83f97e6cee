import type { Language } from "./language";

const LOCALES: Record<Language, string> = { en: "en-GB", "zh-TW": "zh-TW" };
const SYMBOLS: Record<string, string> = { TWD: "NT$", USD: "US$", JPY: "¥", EUR: "€", GBP: "£", KRW: "₩", HKD: "HK$" };
/** Currencies that are paid in whole units: decimals are shown only where they are not zero. */
const WITHOUT_SMALL_CHANGE = new Set(["TWD", "JPY", "KRW"]);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `NT$ 4,800`: an amount in the currency's minor unit, formatted for the reader's language. */
export function money(cents: number, currency: string): string {
  const whole = WITHOUT_SMALL_CHANGE.has(currency) && cents % 100 === 0;
  const digits = new Intl.NumberFormat("en", { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 });
  const amount = digits.format(Math.abs(cents) / 100);
  return `${cents < 0 ? "−" : ""}${SYMBOLS[currency] ?? currency}\u00a0${amount}`;
}

export function number(value: number, language: Language): string {
  return new Intl.NumberFormat(LOCALES[language]).format(value);
}

/** `Thu 3 Dec, 18:00`, in the given zone. */
export function dateTime(at: string | Date, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  }).format(new Date(at));
}

/** `Thu, 14 January`, in the given zone. */
export function day(at: string | Date, language: Language, timeZone: string): string {
  const options = { weekday: "short", day: "numeric", month: "long", timeZone } as const;
  return new Intl.DateTimeFormat(LOCALES[language], options).format(new Date(at));
}

/** `in 5 hours`, `20 minutes ago`; undefined beyond two days, where the date is clearer. */
export function relative(at: string | Date, language: Language, now = Date.now()): string | undefined {
  const distance = new Date(at).getTime() - now;
  if (Math.abs(distance) >= 2 * DAY) return undefined;
  const words = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto" });
  if (Math.abs(distance) < HOUR) return words.format(Math.round(distance / MINUTE), "minute");
  return words.format(Math.round(distance / HOUR), "hour");
}

/** The time until a moment, in parts for a countdown; zero once it has passed. */
export function remaining(
  until: string | Date,
  now: number,
): { days: number; hours: number; minutes: number; seconds: number } {
  const left = Math.max(0, new Date(until).getTime() - now);
  return {
    days: Math.floor(left / DAY),
    hours: Math.floor((left % DAY) / HOUR),
    minutes: Math.floor((left % HOUR) / MINUTE),
    seconds: Math.floor((left % MINUTE) / 1000),
  };
}
