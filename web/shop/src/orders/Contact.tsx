import { answered, useShop, useWords } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { refusedFields } from "../checkout/contact";
import { WORDS as CHECKOUT_WORDS } from "../checkout/words";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { Field } from "../parts/Field";
import { isContactChangeable } from "./progress";
import type { Order } from "./reads";
import { WORDS } from "./words";

type ContactOf = NonNullable<Order["contact"]>;
type Change = Pick<ContactOf, "name" | "phone" | "shipping_address">;

/** The contact data, with a form to correct it until the order is shipped. */
export function Contact({ order }: { order: Order }) {
  const words = useWords(WORDS);
  const dialog = useRef<HTMLDialogElement>(null);
  const [opened, setOpened] = useState(0);
  const { contact } = order;
  if (!contact) return null;
  return (
    <section className="card panel stack tight" aria-labelledby="contact">
      <h2 id="contact">{words.contact}</h2>
      <address>
        <p>{contact.name}</p>
        <p>{contact.shipping_address}</p>
        <p className="muted">
          {contact.phone} · {contact.email}
        </p>
      </address>
      {isContactChangeable(order) && (
        <div>
          <button
            type="button"
            className="link"
            onClick={() => {
              setOpened(opened + 1);
              dialog.current?.showModal();
            }}
          >
            {words.changeContact}
          </button>
        </div>
      )}
      <dialog ref={dialog} aria-labelledby="change-contact">
        {opened > 0 && (
          <ChangeContact
            key={opened}
            orderId={order.order_id}
            contact={contact}
            close={() => dialog.current?.close()}
          />
        )}
      </dialog>
    </section>
  );
}

interface ChangeContactProps {
  orderId: string;
  contact: ContactOf;
  close: () => void;
}

function ChangeContact({ orderId, contact, close }: ChangeContactProps) {
  const words = useWords(WORDS);
  const fields = useWords(CHECKOUT_WORDS);
  const { name, phone, shipping_address } = contact;
  const [values, set] = useState<Change>({ name, phone, shipping_address });
  const change = useChange(orderId, close);
  const refused = refusedFields(change.error);
  const input = (field: keyof Change) => ({
    name: field,
    value: values[field],
    wrong: values[field].trim() === "" ? fields.missing : refused[field],
    required: true,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ ...values, [field]: event.target.value }),
  });
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isFilled = Object.values(values).every((value) => value.trim() !== "");
        if (isFilled && !change.isPending) change.mutate(values);
      }}
    >
      <h2 id="change-contact">{words.changeContact}</h2>
      <Field label={fields.name} autoComplete="name" maxLength={100} {...input("name")} />
      <Field label={fields.phone} type="tel" autoComplete="tel" maxLength={20} {...input("phone")} />
      <Field label={fields.address} autoComplete="street-address" maxLength={300} {...input("shipping_address")} />
      {change.isError && <Failure failure={change.error} />}
      <Button submit busy={change.isPending}>
        {words.saveContact}
      </Button>
      <Button quiet onClick={close}>
        {words.keepContact}
      </Button>
    </form>
  );
}

function useChange(orderId: string, then: () => void) {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) =>
      answered(client.PATCH("/api/v1/orders/{order_id}/contact", { params: { path: { order_id: orderId } }, body })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["my", "order", orderId] });
      then();
    },
  });
}
