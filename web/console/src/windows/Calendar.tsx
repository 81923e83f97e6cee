import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { useFormat } from "../kit/Show";
import { to } from "../kit/to";
import { useNow } from "../kit/useNow";
import { phaseOf, type SellWindow } from "./api";
import { WORDS } from "./words";

const DAY = 86_400_000;
const BEFORE_DAYS = 14;
const AFTER_DAYS = 42;

/** A calendar of eight weeks around today, with one bar per window. */
export function Calendar({ windows }: { windows: readonly SellWindow[] }) {
  const words = useWords(WORDS);
  const { language, timeZone } = useFormat();
  const now = useNow();
  const from = now - BEFORE_DAYS * DAY;
  const span = (BEFORE_DAYS + AFTER_DAYS) * DAY;
  const at = (moment: number) => Math.min(100, Math.max(0, ((moment - from) / span) * 100));
  const weeks = Array.from({ length: (BEFORE_DAYS + AFTER_DAYS) / 7 }, (_, week) => from + week * 7 * DAY);
  const short = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    day: "numeric",
    month: "short",
    timeZone,
  });
  const shown = windows.filter(
    ({ start_at, end_at }) => Date.parse(end_at) > from && Date.parse(start_at) < from + span,
  );
  return (
    <div className="calendar">
      <div className="calendar-weeks" aria-hidden="true">
        {weeks.map((week) => (
          <span key={week} style={{ left: `${at(week)}%` }}>
            {short.format(week)}
          </span>
        ))}
      </div>
      <div className="calendar-rows">
        <div className="calendar-today" style={{ left: `${at(now)}%` }} title={words.today} />
        {shown.map((window) => {
          const start = at(Date.parse(window.start_at));
          const end = at(Date.parse(window.end_at));
          return (
            <div key={window.sell_window_id} className="calendar-row">
              <Link
                href={to.window(window.sell_window_id)}
                className={`calendar-bar ${phaseOf(window)}`}
                style={{ marginLeft: `${start}%`, width: `${Math.max(end - start, 1)}%` }}
                title={window.name}
              >
                <span>{window.name}</span>
              </Link>
            </div>
          );
        })}
      </div>
    </div>
  );
}
