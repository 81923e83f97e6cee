import { useWords } from "@millrun/api";
import { Progress } from "../kit/Progress";
import type { Batch, Funnel as FunnelOf } from "./api";
import { WORDS } from "./words";

const STEPS = ["reserved", "asked", "paid", "shipped", "expired", "canceled"] as const;

/** How many of the reserved orders reached each stage. */
export function Funnel({ batch }: { batch: Batch }) {
  const words = useWords(WORDS);
  if (!batch.funnel) {
    return (
      <>
        <p className="big number">{words.pieces(batch.reserved_qty, batch.target_qty)}</p>
        <Progress label={words.batch} value={batch.paid_qty} threshold={batch.target_qty} max={batch.reserved_qty} />
        <p className="muted number">{words.paid(batch.paid_qty, batch.reserved_qty)}</p>
      </>
    );
  }
  const { funnel } = batch;
  const most = Math.max(1, ...STEPS.map((step) => funnel[step].pieces));
  return (
    <ul className="funnel">
      {STEPS.filter((step) => step === "reserved" || funnel[step].orders > 0).map((step) => (
        <Step key={step} step={step} of={funnel[step]} most={most} />
      ))}
    </ul>
  );
}

function Step({ step, of, most }: { step: (typeof STEPS)[number]; of: FunnelOf["paid"]; most: number }) {
  const words = useWords(WORDS).funnel;
  const isLost = step === "expired" || step === "canceled";
  return (
    <li>
      <span>{words[step]}</span>
      <span className="funnel-track">
        <span className={isLost ? "funnel-bar lost" : "funnel-bar"} style={{ width: `${(of.pieces / most) * 100}%` }} />
      </span>
      <span className="number muted">{words.of(of.orders, of.pieces)}</span>
    </li>
  );
}
