import { useSigned, useWords } from "@millrun/api";
import { useState } from "react";
import { BLANK, check, isRight, refusedFields, type Contact, type Wrong } from "../checkout/contact";
import { ContactFields } from "../checkout/ContactFields";
import { AddressText } from "../checkout/ContactForm";
import { WORDS as CHECKOUT_WORDS } from "../checkout/words";
import { Button } from "../parts/Button";
import { useClose } from "../parts/Dialog";
import { Failure } from "../parts/Failure";
import { newAddressId, useSaveProfile, withAddress, withoutAddress, type Address } from "./profile";
import { WORDS } from "./words";

interface DialogProps<A> {
  address: A;
  heading: string;
}

/** Adds an address, or changes a saved one. */
export function EditAddress({ address, heading }: DialogProps<Address | undefined>) {
  const words = useWords(WORDS);
  const fields = useWords(CHECKOUT_WORDS);
  const signed = useSigned();
  const [contact, change] = useState<Contact>(address ?? { ...BLANK, email: signed?.email ?? "" });
  const [wrong, setWrong] = useState<Wrong>({});
  // The same for a second try, so that a save whose response was lost is not added twice.
  const [addressId] = useState(() => address?.address_id ?? newAddressId());
  const save = useSaveProfile();
  const close = useClose();
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = check(contact, fields);
        setWrong(found);
        if (isRight(found) && !save.isPending) save.mutate(withAddress(addressId, contact), { onSuccess: close });
      }}
    >
      <h2 id={heading}>{address ? words.changeTitle : words.addAddress}</h2>
      <ContactFields contact={contact} wrong={{ ...refusedFields(save.error), ...wrong }} change={change} />
      {save.isError && <Failure failure={save.error} />}
      <Button submit busy={save.isPending}>
        {words.saveAddress}
      </Button>
      <Button quiet onClick={close}>
        {words.back}
      </Button>
    </form>
  );
}

export function RemoveAddress({ address, heading }: DialogProps<Address>) {
  const words = useWords(WORDS);
  const save = useSaveProfile();
  const close = useClose();
  return (
    <div className="stack">
      <h2 id={heading}>{words.removeTitle}</h2>
      <p>
        <AddressText address={address} />
      </p>
      <p className="muted">{words.removeText}</p>
      {save.isError && <Failure failure={save.error} />}
      <Button onClick={close}>{words.back}</Button>
      <Button
        quiet
        busy={save.isPending}
        onClick={() => save.mutate(withoutAddress(address.address_id), { onSuccess: close })}
      >
        {words.removeConfirm}
      </Button>
    </div>
  );
}
