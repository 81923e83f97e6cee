import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Failure } from "../parts/Failure";
import { Rows } from "../parts/Skeleton";
import { Steps, type Step } from "../parts/Steps";
import { Cancel } from "./Cancel";
import { Contact } from "./Contact";
import { nextOf, stateOf, toneOf } from "./next";
import { OrderLines } from "./OrderLines";
import { PayPanel } from "./PayPanel";
import { isCancelable, isToBePaid, progressOf } from "./progress";
import { useOrder, type Order } from "./reads";
import { Reservation } from "./Reservation";
import { Shipment } from "./Shipment";
import { WORDS } from "./words";

export function OrderPage({ id }: { id: string }) {
  const words = useWords(WORDS);
  const order = useOrder(id);
  return (
    <div className="stack">
      <p>
        <Link className="link" href="/orders">
          ‹ {words.back}
        </Link>
      </p>
      {order.isPending && <Rows />}
      {order.data && <Detail order={order.data} />}
      {order.isError && <Failure failure={order.error} retry={() => void order.refetch()} />}
    </div>
  );
}

function Detail({ order }: { order: Order }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const next = nextOf(order, words, language, config);
  const progress = progressOf(order);
  return (
    <article className="stack loose">
      <header className="stack tight">
        <div className="row">
          <h1>
            {words.order("")}
            <span className="nowrap">{order.order_no}</span>
          </h1>
          <span className={`tag ${toneOf(order)}`}>{stateOf(order, words)}</span>
        </div>
        <p className="muted">{words.placed(format.dateTime(order.created_at, language, config.timeZone))}</p>
      </header>
      <div className="split">
        <div className="stack" aria-live="polite">
          {progress && <h2 className="hidden">{words.progress}</h2>}
          {progress ? (
            <Steps
              steps={progress.map(({ name, state }): Step => ({
                name: words.steps[name],
                state,
                body: state === "now" ? <Present order={order} next={next} /> : undefined,
              }))}
            />
          ) : (
            <div className="notice">
              <h2>{words.endedTitle}</h2>
              <p>{next}</p>
              <Link className="link" href="/">
                {words.again}
              </Link>
            </div>
          )}
          {order.status === "COMPLETED" && <p>{next}</p>}
          {order.shipment && <Shipment shipment={order.shipment} />}
        </div>
        <div className="stack">
          <OrderLines order={order} />
          <Contact order={order} />
          {isCancelable(order) && <Cancel orderId={order.order_id} />}
        </div>
      </div>
    </article>
  );
}

function Present({ order, next }: { order: Order; next: string }) {
  return (
    <div className="stack">
      <p>{next}</p>
      {isToBePaid(order) ? <PayPanel order={order} /> : order.status === "RESERVED" && <Reservation order={order} />}
    </div>
  );
}
