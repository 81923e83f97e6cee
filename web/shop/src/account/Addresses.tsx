import { useWords } from "@millrun/api";
import { useState } from "react";
import { AddressText } from "../checkout/ContactForm";
import { Dialog } from "../parts/Dialog";
import { Failure } from "../parts/Failure";
import { Rows } from "../parts/Skeleton";
import { EditAddress, RemoveAddress } from "./AddressDialogs";
import { ADDRESSES_MAX, useProfile, type Address } from "./profile";
import { WORDS } from "./words";

/** The purpose of the open dialog: a saved address, or a new one. */
type Doing = { what: "edit"; address: Address | undefined } | { what: "remove"; address: Address };

/** The saved addresses, which can be chosen at checkout. */
export function Addresses() {
  const words = useWords(WORDS);
  const profile = useProfile();
  const [doing, setDoing] = useState<Doing>();
  const addresses = profile.data?.addresses ?? [];
  const heading = doing?.what === "remove" ? "remove-address" : "edit-address";
  return (
    <section className="stack" aria-labelledby="addresses">
      <h2 id="addresses">{words.addresses}</h2>
      {profile.isPending && <Rows count={1} />}
      {profile.isError && <Failure failure={profile.error} retry={() => void profile.refetch()} />}
      {profile.isSuccess && (
        <>
          <p className="muted">{addresses.length === 0 ? words.noAddresses : words.addressesText}</p>
          {addresses.length > 0 && (
            <ul className="lines enter">
              {addresses.map((address) => (
                <li key={address.address_id}>
                  <AddressText address={address} />
                  <span className="row">
                    <LinkButton onClick={() => setDoing({ what: "edit", address })}>{words.changeAddress}</LinkButton>
                    <LinkButton onClick={() => setDoing({ what: "remove", address })}>{words.removeAddress}</LinkButton>
                  </span>
                </li>
              ))}
            </ul>
          )}
          {addresses.length < ADDRESSES_MAX ? (
            <div>
              <button
                type="button"
                className="button quiet"
                onClick={() => setDoing({ what: "edit", address: undefined })}
              >
                {words.addAddress}
              </button>
            </div>
          ) : (
            <p className="muted">{words.addressesFull(ADDRESSES_MAX)}</p>
          )}
        </>
      )}
      {doing && (
        <Dialog heading={heading} onClose={() => setDoing(undefined)}>
          {doing.what === "edit" ? (
            <EditAddress address={doing.address} heading={heading} />
          ) : (
            <RemoveAddress address={doing.address} heading={heading} />
          )}
        </Dialog>
      )}
    </section>
  );
}

function LinkButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button type="button" className="link" onClick={onClick}>
      {children}
    </button>
  );
}
