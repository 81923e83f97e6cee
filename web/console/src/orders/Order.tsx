import { useWords } from "@millrun/api";
import { Alert } from "antd";
import { CustomerLink } from "../kit/names";
import { Page, Panel, Read } from "../kit/Page";
import { Money, When } from "../kit/Show";
import { Status } from "../kit/Status";
import { to } from "../kit/to";
import { useOrder, type AdminOrder } from "./api";
import { CancelOrder, RefundOrder, ShipOrder } from "./Commands";
import { ContactPanel, DeliveryPanel } from "./Delivery";
import { Lines } from "./Lines";
import { Messages, Payments, Timeline } from "./Trail";
import { WORDS } from "./words";

export function Order({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const query = useOrder(params.id ?? "");
  const order = query.data;
  return (
    <Page
      title={order?.order_no ?? words.number}
      back={{ href: to.orders(), label: words.title }}
      beside={order && <Heading order={order} />}
      actions={order && <Actions order={order} />}
    >
      <Read query={query}>{(found) => <Detail order={found} />}</Read>
    </Page>
  );
}

function Heading({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  return (
    <>
      <Status kind="order" value={order.status} />
      <strong>
        <Money cents={order.total_cents} currency={order.currency} />
      </strong>
      <span>{words.kind[order.kind]}</span>
      {order.customer_id && (
        <span>
          <CustomerLink id={order.customer_id} name={order.contact?.name} />
        </span>
      )}
      <span className="muted">
        {words.placed} <When at={order.created_at} />
      </span>
    </>
  );
}

/** The one or two commands for this status; the destructive one comes last. */
function Actions({ order }: { order: AdminOrder }) {
  return (
    <>
      <ShipOrder order={order} />
      <RefundOrder order={order} />
      <CancelOrder order={order} />
    </>
  );
}

function Detail({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const deadline = order.status === "PENDING_PAYMENT" ? order.pay_before : order.hold_expires_at;
  const waits = order.status === "RESERVED" || order.status === "PENDING_PAYMENT";
  return (
    <>
      {order.late && <Alert type="info" showIcon title={words.late} />}
      {waits && deadline && (
        <p className="deadline">
          {order.status === "PENDING_PAYMENT" ? words.payBefore : words.holdUntil} <When at={deadline} />{" "}
          <span className="muted">
            (<When at={deadline} whole />)
          </span>
        </p>
      )}
      <div className="columns">
        <div>
          <Panel title={words.items}>
            <Lines order={order} />
          </Panel>
          <Panel title={words.payments}>
            <Payments order={order} />
          </Panel>
          <Panel title={words.timeline}>
            <Timeline order={order} />
          </Panel>
        </div>
        <div>
          <ContactPanel order={order} />
          <DeliveryPanel order={order} />
          <Messages order={order} />
        </div>
      </div>
    </>
  );
}
