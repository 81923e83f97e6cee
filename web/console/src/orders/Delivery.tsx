import { useWords } from "@millrun/api";
import { Facts } from "../kit/Facts";
import { Panel } from "../kit/Page";
import { Copyable, When } from "../kit/Show";
import type { AdminOrder } from "./api";
import { CorrectContact } from "./Commands";
import { WORDS } from "./words";

export function ContactPanel({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const { contact } = order;
  return (
    <Panel title={words.contact} extra={contact && <CorrectContact order={order} contact={contact} />}>
      {contact === undefined ? (
        <p className="muted">{words.erased}</p>
      ) : (
        <Facts
          of={[
            [words.name, contact.name],
            [
              words.phone,
              <a key="phone" href={`tel:${contact.phone}`}>
                {contact.phone}
              </a>,
            ],
            [
              words.email,
              <a key="email" href={`mailto:${contact.email}`}>
                {contact.email}
              </a>,
            ],
            [words.address, <Copyable key="address" text={contact.shipping_address} />],
          ]}
        />
      )}
    </Panel>
  );
}

export function DeliveryPanel({ order }: { order: AdminOrder }) {
  const words = useWords(WORDS);
  const { shipment, shipping } = order;
  return (
    <Panel title={words.delivery}>
      {shipping && <p>{shipping.name}</p>}
      {shipment ? (
        <Facts
          of={[
            [words.carrier, shipment.carrier],
            [words.trackingNo, shipment.tracking_no && <Copyable text={shipment.tracking_no} />],
            [words.pickup, shipment.pickup_info],
            [words.shippedAt, <When key="at" at={shipment.shipped_at} />],
          ]}
        />
      ) : (
        <p className="muted">{words.notShipped}</p>
      )}
    </Panel>
  );
}
