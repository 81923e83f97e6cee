import { format, useWords } from "@millrun/api";
import { useState } from "react";
import { useLocation } from "wouter";
import { onSale, type Offer, type Product, type SellWindow } from "../catalogue/reads";
import { VariantChoice } from "../catalogue/VariantChoice";
import { QUANTITY_MAX } from "../cart/cart";
import { Button } from "../parts/Button";
import { Quantity } from "../parts/Quantity";
import { placesLeft } from "./offer";
import { WORDS } from "./words";

export function Reserve({ product, window, offer }: { product: Product; window: SellWindow; offer: Offer }) {
  const words = useWords(WORDS);
  const [, go] = useLocation();
  const variants = onSale(product);
  const [wanted, want] = useState<string>();
  const [quantity, setQuantity] = useState(1);
  const chosen = variants.find(({ variant_id }) => variant_id === wanted) ?? variants[0];
  if (!chosen) return null;
  const perCustomer = offer.per_customer_max ?? QUANTITY_MAX;
  const most = Math.min(QUANTITY_MAX, perCustomer, placesLeft(offer) ?? QUANTITY_MAX);
  const to = `/windows/${window.sell_window_id}/${product.product_id}/reserve`;
  return (
    <div className="stack">
      <p className="price">{format.money(chosen.price_cents, chosen.currency)}</p>
      <VariantChoice
        variants={variants}
        chosen={chosen.variant_id}
        legend={words.kind}
        refused={() => undefined}
        choose={want}
      />
      <div className="row">
        <Quantity value={Math.min(quantity, most)} max={most} change={setQuantity} />
        {offer.per_customer_max != null && <p className="small muted">{words.most(perCustomer)}</p>}
      </div>
      <Button onClick={() => go(`${to}?variant=${chosen.variant_id}&quantity=${Math.min(quantity, most)}`)}>
        {words.reserve}
      </Button>
    </div>
  );
}
