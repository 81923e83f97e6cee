import { ApiError, answered, useShop, useWords } from "@millrun/api";
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
type Values = Change & { postal_code: string };

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
            isDelivered={order.shipping?.kind === "HOME"}
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
  isDelivered: boolean;
  close: () => void;
}

function ChangeContact({ orderId, contact, isDelivered, close }: ChangeContactProps) {
  const words = useWords(WORDS);
  const fields = useWords(CHECKOUT_WORDS);
  const { name, phone, shipping_address } = contact;
  const [values, set] = useState<Values>({ name, phone, shipping_address, postal_code: "" });
  const change = useChange(orderId, close);
  const refused = { ...refusedFields(change.error), postal_code: refusedPostalCode(change.error) };
  const input = (field: keyof Values) => ({
    name: field,
    value: values[field],
    wrong: field !== "postal_code" && values[field].trim() === "" ? fields.missing : refused[field],
    required: field !== "postal_code",
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ ...values, [field]: event.target.value }),
  });
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const { postal_code, ...corrected } = values;
        const isFilled = Object.values(corrected).every((value) => value.trim() !== "");
        const code = postal_code.trim();
        if (isFilled && !change.isPending) change.mutate({ ...corrected, ...(code !== "" && { postal_code: code }) });
      }}
    >
      <h2 id="change-contact">{words.changeContact}</h2>
      <Field label={fields.name} autoComplete="name" maxLength={100} {...input("name")} />
      <Field label={fields.phone} type="tel" autoComplete="tel" maxLength={20} {...input("phone")} />
      <Field label={fields.address} autoComplete="street-address" maxLength={300} {...input("shipping_address")} />
      {isDelivered && (
        <Field
          label={fields.postalCode}
          hint={words.postalCodeHint}
          autoComplete="postal-code"
          maxLength={10}
          {...input("postal_code")}
        />
      )}
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

/** Why the API refused the postal code: an order's fee may not cover the way to an island. */
function refusedPostalCode(failure: unknown): string | undefined {
  if (!(failure instanceof ApiError)) return undefined;
  return failure.fields.find(({ field }) => field === "postal_code")?.message;
}

function useChange(orderId: string, then: () => void) {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change & { postal_code?: string }) =>
      answered(client.PATCH("/api/v1/orders/{order_id}/contact", { params: { path: { order_id: orderId } }, body })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["my", "order", orderId] });
      then();
    },
  });
}
