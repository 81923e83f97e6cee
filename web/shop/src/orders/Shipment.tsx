import { useWords } from "@millrun/api";
import type { Order } from "./reads";
import { WORDS } from "./words";

export function Shipment({ shipment }: { shipment: NonNullable<Order["shipment"]> }) {
  const words = useWords(WORDS);
  const { carrier, tracking_no, pickup_info } = shipment;
  const facts = [
    { name: words.carrier, value: carrier },
    { name: words.trackingNo, value: tracking_no },
    { name: words.pickup, value: pickup_info },
  ].filter(({ value }) => value);
  return (
    <dl className="notice good">
      {facts.map(({ name, value }) => (
        <div key={name} className="row">
          <dt className="small">{name}</dt>
          <dd>
            <strong>{value}</strong>
          </dd>
        </div>
      ))}
    </dl>
  );
}
