import { useWords } from "@millrun/api";
import { Timeline as AntTimeline } from "antd";
import { Link } from "wouter";
import { Facts } from "../kit/Facts";
import { short } from "../kit/names";
import { Panel } from "../kit/Page";
import { Copyable, Money, When } from "../kit/Show";
import { Status } from "../kit/Status";
import { CHANNELS, TEMPLATES } from "../kit/templates";
import { to } from "../kit/to";
import type { AdminOrder, PaymentAttempt } from "./api";
import { WORDS } from "./words";

/** The history of the order, newest first, with the actor of each entry. */
export function Timeline({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const steps = [...order.history].reverse();
  return (
    <AntTimeline
      items={steps.map(({ status, at, reason, by }, index) => ({
        key: `${status} ${at}`,
        color: index === 0 ? "blue" : "gray",
        content: (
          <>
            <Status kind="order" value={status} /> <When at={at} whole />
            {by && <span className="muted"> {words.by(byWhom(by, words.byWhom))}</span>}
            {reason && <div className="muted">{reason}</div>}
          </>
        ),
      }))}
    />
  );
}

function byWhom(by: string, words: { customer: string; shop: string }): string {
  if (by === "customer") return words.customer;
  return by === "shop" ? words.shop : short(by);
}

export function Payments({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const { payments } = order;
  const method = words.methods[order.payment_method] ?? order.payment_method;
  if (payments === undefined) return <Facts of={[[words.method, method]]} />;
  if (payments.length === 0) return <p className="muted">{words.noPayments}</p>;
  return payments.map((payment) => <Payment key={payment.payment_id} payment={payment} currency={order.currency} />);
}

function Payment({ payment, currency }: { payment: PaymentAttempt; currency: string }) {
  const words = useWords(WORDS);
  return (
    <div className="payment">
      <div className="payment-head">
        <strong>{words.methods[payment.method] ?? payment.method}</strong>
        <Status kind="payment" value={payment.status} />
        <Money cents={payment.amount_cents} currency={currency} />
        <When at={payment.created_at} />
        {payment.provider_payment_id && <Copyable text={payment.provider_payment_id} />}
      </div>
      {payment.events.length > 0 && (
        <ol className="events">
          {payment.events.map(({ action, result, at }) => (
            <li key={`${action} ${at}`}>
              <When at={at} whole /> <code>{action}</code> {result}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

export function Messages({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const templates = useWords(TEMPLATES);
  const channels = useWords(CHANNELS);
  const { messages } = order;
  if (messages === undefined) return null;
  return (
    <Panel title={words.messages} extra={<Link href={to.machine("messages")}>{words.messages} →</Link>}>
      {messages.length === 0 ? (
        <p className="muted">{words.noMessages}</p>
      ) : (
        <ul className="rows">
          {messages.map(({ job_id, channel, template_key, status, sent_at }) => (
            <li key={job_id}>
              <span>{templates[template_key]}</span>
              <span className="muted">{channels[channel]}</span>
              <Status kind="notification" value={status} />
              {sent_at && <When at={sent_at} />}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
