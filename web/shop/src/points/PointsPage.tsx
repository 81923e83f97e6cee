import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { More } from "../parts/More";
import { Line, Rows } from "../parts/Skeleton";
import { usePointHistory, usePoints } from "./reads";
import { TopUp } from "./TopUp";
import { WORDS } from "./words";

export function PointsPage() {
  const words = useWords(WORDS);
  return (
    <div className="stack loose">
      <div className="stack">
        <h1>{words.title}</h1>
        <Balance />
      </div>
      <TopUp />
      <section className="stack" aria-labelledby="history">
        <h2 id="history">{words.history}</h2>
        <History />
      </section>
    </div>
  );
}

function Balance() {
  const words = useWords(WORDS);
  const points = usePoints();
  if (points.isError) return <Failure failure={points.error} retry={() => void points.refetch()} />;
  return (
    <div>
      <p className="muted">{words.balance}</p>
      <div className="figure">
        {points.data ? (
          format.money(points.data.balance_cents, points.data.currency)
        ) : (
          <Line width="180px" height={34} />
        )}
      </div>
      <p className="muted">{words.explain}</p>
    </div>
  );
}

function History() {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const history = usePointHistory();
  const price = (cents: number) => format.money(cents, config.currency);
  if (history.isPending) return <Rows />;
  if (history.isError && history.items.length === 0) {
    return <Failure failure={history.error} retry={() => void history.refetch()} />;
  }
  if (history.items.length === 0) return <Empty title={words.none} text={words.noneText} />;
  return (
    <>
      <ul className="lines">
        {history.items.map(({ entry_id, type, amount_cents, balance_after_cents, at, order_id }) => (
          <li key={entry_id}>
            <div className="grow">
              <p>
                {words.entries[type]}
                {order_id && (
                  <>
                    {" · "}
                    <Link href={`/orders/${order_id}`}>{words.order}</Link>
                  </>
                )}
              </p>
              <p className="small muted">{format.dateTime(at, language, config.timeZone)}</p>
            </div>
            <div className="end">
              <p className={amount_cents > 0 ? "good" : ""}>
                <strong>{`${amount_cents > 0 ? "+" : ""}${price(amount_cents)}`}</strong>
              </p>
              <p className="small muted">{words.after(price(balance_after_cents))}</p>
            </div>
          </li>
        ))}
      </ul>
      <More pages={history} />
    </>
  );
}
