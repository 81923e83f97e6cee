import { format } from "@millrun/api";
import type { Variant } from "./reads";

interface VariantChoiceProps {
  variants: readonly Variant[];
  chosen: string | undefined;
  legend: string;
  /** The reason why a variant cannot be chosen; undefined if it can. */
  refused: (variant: Variant) => string | undefined;
  choose: (variantId: string) => void;
}

export function VariantChoice({ variants, chosen, legend, refused, choose }: VariantChoiceProps) {
  const samePrice = new Set(variants.map(({ price_cents }) => price_cents)).size === 1;
  return (
    <fieldset className="stack tight">
      <legend className="legend">{legend}</legend>
      <div className="choices">
        {variants.map((variant) => {
          const why = refused(variant);
          return (
            <label key={variant.variant_id} className="choice">
              <input
                type="radio"
                name="variant"
                value={variant.variant_id}
                checked={variant.variant_id === chosen}
                disabled={why !== undefined}
                onChange={() => choose(variant.variant_id)}
              />
              <span>{variant.variant_name}</span>
              {why !== undefined ? (
                <span className="small">{why}</span>
              ) : (
                !samePrice && <span className="small muted">{format.money(variant.price_cents, variant.currency)}</span>
              )}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
