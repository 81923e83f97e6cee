import { useWords } from "@millrun/api";
import { Field } from "../parts/Field";
import type { Contact, Wrong } from "./contact";
import { WORDS } from "./words";

interface ContactFieldsProps {
  contact: Contact;
  wrong: Wrong;
  change: (contact: Contact) => void;
}

/** The fields of contact data, for an order or to be saved. */
export function ContactFields({ contact, wrong, change }: ContactFieldsProps) {
  const words = useWords(WORDS);
  const input = (name: keyof Contact) => ({
    name,
    value: contact[name],
    wrong: wrong[name],
    required: true,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => change({ ...contact, [name]: event.target.value }),
  });
  return (
    <>
      <Field label={words.name} autoComplete="name" maxLength={100} {...input("name")} />
      <Field
        label={words.phone}
        hint={words.phoneHint}
        type="tel"
        autoComplete="tel"
        maxLength={20}
        {...input("phone")}
      />
      <Field
        label={words.email}
        hint={words.emailHint}
        type="email"
        autoComplete="email"
        maxLength={254}
        {...input("email")}
      />
      <Field
        label={words.address}
        hint={words.addressHint}
        autoComplete="street-address"
        maxLength={300}
        {...input("shipping_address")}
      />
    </>
  );
}
