import { useWords } from "@millrun/api";
import { ADDRESSES_MAX, type Address } from "../account/profile";
import { Rows } from "../parts/Skeleton";
import type { Wrong } from "./contact";
import { ContactFields } from "./ContactFields";
import type { Recipient } from "./useRecipient";
import { WORDS } from "./words";

/** The delivery address: a saved one, or one that is entered here and can be saved. */
export function ContactForm({ recipient, wrong }: { recipient: Recipient; wrong: Wrong }) {
  const words = useWords(WORDS);
  const { saved, chosen, choose } = recipient;
  return (
    <fieldset className="stack">
      <legend>
        <h2>{words.contact}</h2>
      </legend>
      {recipient.isPending && <Rows count={2} />}
      {saved.length > 0 && (
        <div className="choices rows">
          {saved.map((address) => (
            <label key={address.address_id} className="choice">
              <input
                type="radio"
                name="address"
                checked={chosen?.address_id === address.address_id}
                onChange={() => choose(address.address_id)}
              />
              <AddressText address={address} />
            </label>
          ))}
          <label className="choice">
            <input type="radio" name="address" checked={!chosen} onChange={() => choose(null)} />
            {words.otherAddress}
          </label>
        </div>
      )}
      {!recipient.isPending && !chosen && (
        <>
          <ContactFields contact={recipient.contact} wrong={wrong} change={recipient.change} />
          {saved.length < ADDRESSES_MAX && (
            <label className="tick">
              <input
                type="checkbox"
                checked={recipient.isToBeSaved}
                onChange={(event) => recipient.setToBeSaved(event.target.checked)}
              />
              {words.saveAddress}
            </label>
          )}
        </>
      )}
    </fieldset>
  );
}

export function AddressText({ address }: { address: Address }) {
  return (
    <span className="grow address">
      <strong>{address.name}</strong>
      <br />
      {address.shipping_address}
      <br />
      <span className="small muted">
        {address.phone} · {address.email}
      </span>
    </span>
  );
}
