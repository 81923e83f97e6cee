import { useLanguage, useShop, useWords } from "@millrun/api";
import { useRef, useState } from "react";
import { isOrderable, type ShownLine } from "../cart/lines";
import { useMyCoupons } from "../coupons/reads";
import { useNow } from "../parts/clock";
import { Failure } from "../parts/Failure";
import { check, isRight, refusedFields, type Wrong } from "./contact";
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
import { useRecipient } from "./useRecipient";
import { WORDS } from "./words";

export function Checkout({ lines, windowId }: { lines: readonly ShownLine[]; windowId: string | undefined }) {
  const { config } = useShop();
  const { language } = useLanguage();
  const words = useWords(WORDS);
  const form = useRef<HTMLFormElement>(null);
  const recipient = useRecipient();
  const [wrong, setWrong] = useState<Wrong>({});
  const [method, setMethod] = useState<Method>("ECPAY");
  const [couponId, setCouponId] = useState<string>();
  const [isChecked, setChecked] = useState(false);
  const shipping = useShipping(recipient.address);
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
  const priced = shipping.isComplete ? quote.data : undefined;
  // Without a quote the shop decides when the order is sent; the total is computed from the catalogue.
  const total = priced?.total_cents ?? itemsTotal - discount;
  const isRefused = priced ? !isPlaceable(priced) : !windowId && !lines.every(isOrderable);
  // With a field left to fill in, the button leads to the field.
  const isSettled = !shipping.isComplete || (!quote.isPlaceholderData && !quote.isLoading);

  const send = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = recipient.chosen ? {} : check(recipient.contact, words);
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
      body: { ...order, contact: recipient.body, expected_total_cents: total, language },
      prepare: recipient.save,
    });
  };

  return (
    <form ref={form} className="split side" noValidate onSubmit={send}>
      <div className="stack loose">
        <ContactForm recipient={recipient} wrong={{ ...refusedFields(checkout.error), ...wrong }} />
        <ShippingChoice shipping={shipping} isChecked={isChecked} />
        <CouponChoice
          itemsTotalCents={itemsTotal}
          chosen={coupon}
          choose={(chosen) => setCouponId(chosen?.coupon_id)}
        />
        {!windowId && <PaymentChoice totalCents={total} chosen={method} choose={setMethod} />}
      </div>
      <div className="card panel stack sticky">
        <Summary lines={lines} quote={priced} discountCents={discount} totalCents={total} delivery={shipping.chosen} />
        {checkout.isError && <Failure failure={checkout.error} />}
        <Summary.Send
          busy={checkout.isPending}
          ready={!isRefused && shipping.isKnown && !recipient.isPending && isSettled}
          totalCents={shipping.isComplete ? total : undefined}
          isReservation={windowId !== undefined}
        />
      </div>
    </form>
  );
}
