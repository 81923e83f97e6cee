/** A progress bar with a mark at the threshold, where reservations may exceed it. */
export function Progress({
  value,
  threshold,
  max,
  label,
}: {
  value: number;
  threshold: number;
  max?: number | undefined;
  label: string;
}) {
  const whole = Math.max(max ?? threshold, threshold, value, 1);
  const isReached = value >= threshold;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={whole}
      aria-valuenow={value}
    >
      <div
        className={isReached ? "progress-fill reached" : "progress-fill"}
        style={{ width: `${(value / whole) * 100}%` }}
      />
      {whole > threshold && <div className="progress-mark" style={{ left: `${(threshold / whole) * 100}%` }} />}
    </div>
  );
}
