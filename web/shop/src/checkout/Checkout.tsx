import { readPersonal, useShop, useSigned, useWords, writePersonal } from "@millrun/api";
import { useRef, useState } from "react";
import { isOrderable, type ShownLine } from "../cart/lines";
import { useMyCoupons } from "../coupons/reads";
import { useNow } from "../parts/clock";
import { Failure } from "../parts/Failure";
import { BLANK, check, isRight, refusedFields, type Contact, type Wrong } from "./contact";
import { ContactForm } from "./ContactForm";
import { CouponChoice } from "./CouponChoice";
import { PaymentChoice } from "./PaymentChoice";
import { discountOf, isUsable } from "./quote";
import type { Method } from "./send";
import { useShipping } from "./shipping";
import { ShippingChoice } from "./ShippingChoice";
import { Summary } from "./Summary";
import { useCheckout } from "./useCheckout";
import { isPlaceable, useQuote } from "./useQuote";
import { WORDS } from "./words";

const CONTACT = "checkout.contact";

export function Checkout({ lines, windowId }: { lines: readonly ShownLine[]; windowId: string | undefined }) {
  const { config } = useShop();
  const words = useWords(WORDS);
  const form = useRef<HTMLFormElement>(null);
  const [contact, setContact] = useContact();
  const [wrong, setWrong] = useState<Wrong>({});
  const [method, setMethod] = useState<Method>("ECPAY");
  const [couponId, setCouponId] = useState<string>();
  const [isChecked, setChecked] = useState(false);
  const shipping = useShipping();
  const coupons = useMyCoupons();
  const checkout = useCheckout();
  const itemsTotal = lines.reduce((sum, { subtotalCents }) => sum + subtotalCents, 0);
  const now = useNow(30_000);
  const coupon = coupons.items.find((each) => each.coupon_id === couponId && isUsable(each, itemsTotal, now));
  const discount = coupon ? discountOf(coupon, itemsTotal, config.currency) : 0;
  const order = {
    lines: lines.map(({ variantId, quantity }) => ({ variant_id: variantId, quantity })),
    ...(windowId ? { sell_window_id: windowId } : { payment_method: method }),
    ...(coupon ? { coupon_id: coupon.coupon_id } : {}),
    ...(shipping.body ? { shipping: shipping.body } : {}),
  };
  const quote = useQuote(order, shipping.isComplete);
  // Without a quote the shop decides when the order is sent; its total is what the catalogue says.
  const total = quote.data?.total_cents ?? itemsTotal - discount;
  const isRefused = quote.data ? !isPlaceable(quote.data) : !windowId && !lines.every(isOrderable);

  const send = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = check(contact, words);
    setWrong(found);
    setChecked(true);
    if (!isRight(found) || !shipping.isComplete) {
      // After the fields are marked.
      setTimeout(() => form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    if (checkout.isPending) return;
    checkout.mutate({
      method: windowId ? undefined : method,
      body: { ...order, contact: trimmed(contact), expected_total_cents: total },
    });
  };

  return (
    <form ref={form} className="split side" noValidate onSubmit={send}>
      <div className="stack loose">
        <ContactForm contact={contact} wrong={{ ...refusedFields(checkout.error), ...wrong }} change={setContact} />
        <ShippingChoice shipping={shipping} isChecked={isChecked} />
        <CouponChoice
          itemsTotalCents={itemsTotal}
          chosen={coupon}
          choose={(chosen) => setCouponId(chosen?.coupon_id)}
        />
        {!windowId && <PaymentChoice totalCents={total} chosen={method} choose={setMethod} />}
      </div>
      <div className="card panel stack sticky">
        <Summary lines={lines} quote={quote.data} discountCents={discount} totalCents={total} />
        {checkout.isError && <Failure failure={checkout.error} />}
        <Summary.Send
          busy={checkout.isPending}
          ready={!isRefused && !quote.isPlaceholderData && !quote.isLoading}
          totalCents={total}
          isReservation={windowId !== undefined}
        />
      </div>
    </form>
  );
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

function trimmed({ name, phone, email, shipping_address }: Contact): Contact {
  return { name: name.trim(), phone: phone.trim(), email: email.trim(), shipping_address: shipping_address.trim() };
}
