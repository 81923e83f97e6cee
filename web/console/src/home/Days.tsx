import { useWords } from "@millrun/api";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useFormat } from "../kit/Show";
import { useAppearance } from "../kit/appearance";
import { COLOURS } from "../kit/theme";
import type { Summary } from "./api";
import { WORDS } from "./words";

/** Thirty days of revenue and orders. */
export function Days({ summary }: { summary: Summary }) {
  const words = useWords(WORDS);
  const { money, number, language } = useFormat();
  const { days } = summary;
  const sum = (of: "orders" | "revenue_cents" | "refunded_cents") => days.reduce((total, day) => total + day[of], 0);
  const revenue = sum("revenue_cents");
  const share = revenue === 0 ? 0 : sum("refunded_cents") / revenue;
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
  return (
    <>
      <p className="big number">{money(revenue)}</p>
      <p className="muted">
        {words.orders(sum("orders"))} · {words.refunded(percent)}
      </p>
      <Bars
        label={words.revenue}
        data={days.map(({ day, revenue_cents }) => ({ day, value: revenue_cents }))}
        text={(cents) => money(cents)}
        axis={(cents) => number(Math.round(cents / 100))}
      />
    </>
  );
}

interface BarsProps {
  label: string;
  data: { day: string; value: number }[];
  text: (value: number) => string;
  axis: (value: number) => string;
}

function Bars({ label, data, text, axis }: BarsProps) {
  const words = useWords(WORDS);
  const { date } = useFormat();
  const { dark } = useAppearance();
  const colours = dark ? COLOURS.dark : COLOURS.light;
  return (
    <>
      <div className="chart" aria-hidden="true">
        <ResponsiveContainer width="100%" height={180}>
          <BarChart data={data} accessibilityLayer={false} margin={{ top: 8, right: 0, bottom: 0, left: 0 }}>
            <XAxis
              dataKey="day"
              tickFormatter={(day) => String(day).slice(5).replace("-", "/")}
              stroke={colours.muted}
              fontSize={12}
              tickLine={false}
              minTickGap={32}
            />
            <YAxis
              width={52}
              tickFormatter={(value) => axis(Number(value))}
              stroke={colours.muted}
              fontSize={12}
              tickLine={false}
              axisLine={false}
              allowDecimals={false}
            />
            <Tooltip
              cursor={{ fill: colours.line, opacity: 0.5 }}
              labelFormatter={(day) => (typeof day === "string" ? date(day) : "")}
              formatter={(value) => [text(Number(value)), label]}
              contentStyle={{ fontSize: 12, color: "#1e1d1a" }}
              isAnimationActive={false}
            />
            <Bar dataKey="value" fill={colours.accent} radius={[2, 2, 0, 0]} isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
      <details className="chart-table">
        <summary>{words.table}</summary>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{words.day}</th>
              <th scope="col" className="right">
                {label}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ day, value }) => (
              <tr key={day}>
                <td>{date(day)}</td>
                <td className="right number">{text(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
