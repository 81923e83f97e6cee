import { readPersonal, useSigned, writePersonal, type components } from "@millrun/api";
import { useState } from "react";
import { newAddressId, useProfile, useSaveProfile, withAddress, type Address } from "../account/profile";
import { BLANK, trimmed, type Contact } from "./contact";

const CONTACT = "checkout.contact";

/** The recipient of an order. */
export interface Recipient {
  saved: readonly Address[];
  /** The chosen saved address; undefined if the fields are used. */
  chosen: Address | undefined;
  /** Chooses a saved address, or the fields. */
  choose: (addressId: string | null) => void;
  contact: Contact;
  change: (contact: Contact) => void;
  isToBeSaved: boolean;
  setToBeSaved: (isToBeSaved: boolean) => void;
  isPending: boolean;
  /** The address as entered so far. */
  address: string;
  /** The order's contact field. */
  body: components["schemas"]["ContactBody"];
  /** Saves the fields, if the customer has chosen that. */
  save: () => Promise<void>;
}

/** The saved addresses, of which the first is chosen until the customer chooses, and the fields for another one. */
export function useRecipient(): Recipient {
  const profile = useProfile();
  const saving = useSaveProfile();
  const [choice, choose] = useState<string | null>();
  const [contact, change] = useContact();
  const [isToBeSaved, setToBeSaved] = useState(false);
  // Orders are possible even if the saved addresses cannot be loaded.
  const saved = profile.data?.addresses ?? [];
  const chosen = choice === null ? undefined : (saved.find(({ address_id }) => address_id === choice) ?? saved[0]);
  const save = async () => {
    if (chosen || !isToBeSaved) return;
    const addressId = newAddressId();
    // An order does not fail because its address could not be saved.
    await saving.mutateAsync(withAddress(addressId, contact)).then(
      () => {
        choose(addressId);
        setToBeSaved(false);
      },
      () => undefined,
    );
  };
  return {
    saved,
    chosen,
    choose,
    contact,
    change,
    isToBeSaved,
    setToBeSaved,
    isPending: profile.isPending,
    address: (chosen ?? contact).shipping_address,
    body: chosen ? { address_id: chosen.address_id } : trimmed(contact),
    save,
  };
}

/** The contact fields, kept in this tab until the person signs out. */
function useContact(): [Contact, (contact: Contact) => void] {
  const signed = useSigned();
  const [contact, set] = useState<Contact>(
    () => readPersonal<Contact>(CONTACT) ?? { ...BLANK, email: signed?.email ?? "" },
  );
  return [
    contact,
    (next) => {
      writePersonal(CONTACT, next);
      set(next);
    },
  ];
}
