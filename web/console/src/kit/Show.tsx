import { format, useLanguage, useShop } from "@millrun/api";
import { App, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useKitWords } from "./useKitWords";

/** Formats of numbers, money and times in the user's language. */
export function useFormat() {
  const { language } = useLanguage();
  const { currency, timeZone } = useShop().config;
  return {
    language,
    currency,
    timeZone,
    number: (value: number) => format.number(value, language),
    money: (cents: number, of = currency) => format.money(cents, of),
    time: (at: string) => format.dateTime(at, language, timeZone),
    day: (at: string) => format.day(at, language, timeZone),
    /** A calendar day, `2026-12-03`, which has no zone. */
    date: (day: string) => format.day(`${day}T12:00:00Z`, language, "UTC"),
    relative: (at: string) => format.relative(at, language),
    list: (parts: readonly string[]) => parts.join(language === "en" ? ", " : "，"),
  };
}

export function Money({ cents, currency }: { cents: number; currency?: string | undefined }) {
  return <span className="number">{useFormat().money(cents, currency)}</span>;
}

export function Qty({ value }: { value: number }) {
  return <span className="number">{useFormat().number(value)}</span>;
}

/** A moment: relative when it is near, with the full time in the shop's zone as a tooltip. */
export function When({ at, whole = false }: { at: string | null | undefined; whole?: boolean }) {
  const { time, relative, timeZone } = useFormat();
  const words = useKitWords();
  if (!at) return <span className="muted">–</span>;
  const near = whole ? undefined : relative(at);
  return (
    <Tooltip title={`${time(at)} · ${words.zone(timeZone)}`}>
      <time dateTime={at} className="nowrap">
        {near ?? time(at)}
      </time>
    </Tooltip>
  );
}

export function Day({ of }: { of: string | null | undefined }) {
  const { date } = useFormat();
  return of ? (
    <time dateTime={of} className="nowrap">
      {date(of)}
    </time>
  ) : (
    <span className="muted">–</span>
  );
}

/** Text that is copied with one click: an id, a tracking number. */
export function Copyable({ text, children }: { text: string; children?: ReactNode }) {
  const { message } = App.useApp();
  const words = useKitWords();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    void message.success(words.copied);
  };
  return (
    <button type="button" className="copyable" title={`${words.copy}: ${text}`} onClick={() => void copy()}>
      {children ?? text}
    </button>
  );
}
