import { format, useWords, type Dictionary } from "@millrun/api";
import { useNow } from "./clock";

const WORDS: Dictionary<{
  days: (d: number, h: number) => string;
  hours: (h: number, m: number) => string;
  over: string;
}> = {
  en: { days: (d, h) => `${d} d ${two(h)} h`, hours: (h, m) => `${h} h ${two(m)} min`, over: "over" },
  "zh-TW": { days: (d, h) => `${d} 天 ${h} 小時`, hours: (h, m) => `${h} 小時 ${m} 分`, over: "已結束" },
};

/** The time until a moment: days and hours, hours and minutes, at the end minutes and seconds. */
export function Countdown({ until }: { until: string }) {
  const words = useWords(WORDS);
  const { days, hours, minutes, seconds } = format.remaining(until, useNow());
  if (days > 0) return <>{words.days(days, hours)}</>;
  if (hours > 0) return <>{words.hours(hours, minutes)}</>;
  if (minutes + seconds > 0) return <>{`${minutes}:${two(seconds)}`}</>;
  return <>{words.over}</>;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
