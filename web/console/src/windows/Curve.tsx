import { useWords } from "@millrun/api";
import { Area, AreaChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useFormat } from "../kit/Show";
import { useAppearance } from "../kit/appearance";
import { COLOURS } from "../kit/theme";
import { useCurve } from "./api";
import { WORDS } from "./words";

interface CurveProps {
  windowId: string;
  productId: string;
  threshold: number;
}

/** The reservations of an offer over time. */
export function Curve({ windowId, productId, threshold }: CurveProps) {
  const words = useWords(WORDS);
  const { time } = useFormat();
  const colours = useAppearance().dark ? COLOURS.dark : COLOURS.light;
  const { data } = useCurve(windowId, productId);
  if (!data) return null;
  if (data.items.length === 0) return <p className="muted">{words.curve.none}</p>;
  return (
    <figure className="chart" aria-label={words.curve.title}>
      <ResponsiveContainer width="100%" height={160}>
        <AreaChart data={data.items} accessibilityLayer={false} margin={{ top: 8, right: 8, bottom: 0, left: 0 }}>
          <XAxis
            dataKey="at"
            tickFormatter={time}
            stroke={colours.muted}
            fontSize={12}
            tickLine={false}
            minTickGap={48}
          />
          <YAxis
            width={36}
            stroke={colours.muted}
            fontSize={12}
            tickLine={false}
            axisLine={false}
            allowDecimals={false}
          />
          <Tooltip
            labelFormatter={(at) => (typeof at === "string" ? time(at) : "")}
            contentStyle={{ fontSize: 12, color: "#1e1d1a" }}
          />
          <ReferenceLine y={threshold} stroke={colours.muted} strokeDasharray="4 4" />
          <Area
            type="stepAfter"
            dataKey="reserved_qty"
            name={words.curve.reserved}
            stroke={colours.accent}
            fill={colours.accent}
            fillOpacity={0.12}
            isAnimationActive={false}
          />
          <Area
            type="stepAfter"
            dataKey="paid_qty"
            name={words.curve.paid}
            stroke={colours.good}
            fill={colours.good}
            fillOpacity={0.15}
            isAnimationActive={false}
          />
        </AreaChart>
      </ResponsiveContainer>
    </figure>
  );
}
