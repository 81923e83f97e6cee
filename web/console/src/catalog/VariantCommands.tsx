import { answered, useShop, useWords, type components } from "@millrun/api";
import { Command } from "../kit/Command";
import { MoneyField, NumberField, TextField, YesNoField } from "../kit/Fields";
import { useFormat } from "../kit/Show";
import type { Product, Variant } from "./api";
import { WORDS } from "./words";

type Schemas = components["schemas"];

interface NewVariant {
  sku: string;
  variant_name: string;
  price_cents: number;
  stock_qty?: number;
}

export function AddVariant({ product }: { product: Product }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { money } = useFormat();
  const { product_id } = product;
  return (
    <Command<NewVariant, Schemas["VariantView"]>
      command="add_variant"
      subject={product_id}
      kind="primary"
      label={words.add.label}
      title={words.add.title}
      initial={{ stock_qty: 0 }}
      fields={() => (
        <>
          <TextField name="variant_name" label={words.variantName} max={100} autoFocus />
          <TextField name="sku" label={words.sku} help={words.skuHelp} max={64} />
          <MoneyField name="price_cents" label={words.price} minCents={1} maxCents={100_000_000} />
          <NumberField name="stock_qty" label={words.stock} min={0} max={10_000_000} />
        </>
      )}
      effect={({ stock_qty, price_cents }) => words.add.effect(stock_qty ?? 0, money(price_cents || 0))}
      confirm={() => words.add.confirm}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/products/{product_id}/variants", {
            params: { path: { product_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={({ variant_name }) => words.add.done(variant_name)}
      refresh={[["products"], ["product", product_id]]}
    />
  );
}

interface VariantFields {
  variant_name: string;
  price_cents: number;
  is_active: boolean;
}

export function EditVariant({ variant }: { variant: Variant }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { product_id, variant_id, variant_name, price_cents, is_active } = variant;
  const before = { variant_name, price_cents, is_active };
  return (
    <Command<VariantFields, Schemas["VariantView"]>
      command="update_variant"
      subject={variant_id}
      size="small"
      label={words.change.label}
      title={words.change.title}
      initial={before}
      fields={() => (
        <>
          <TextField name="variant_name" label={words.variantName} max={100} autoFocus />
          <MoneyField name="price_cents" label={words.price} minCents={1} maxCents={100_000_000} />
          <YesNoField name="is_active" label={words.onSale} />
        </>
      )}
      effect={() => words.change.effect}
      confirm={() => words.change.confirm}
      send={(values) =>
        answered(
          client.PATCH("/api/v1/admin/variants/{variant_id}", {
            params: { path: { variant_id } },
            body: changed(before, values),
          }),
        )
      }
      done={(saved) => words.change.done(saved.variant_name)}
      refresh={[["products"], ["product", product_id]]}
    />
  );
}

/** Only changed fields, so that a new price does not overwrite the other fields. */
function changed<T extends object>(before: T, after: T): Partial<T> {
  const entries = Object.entries(after) as [keyof T, T[keyof T]][];
  return Object.fromEntries(entries.filter(([name, value]) => value !== before[name])) as Partial<T>;
}

export function AdjustStock({ variant }: { variant: Variant }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { product_id, variant_id, variant_name, available_qty } = variant;
  return (
    <Command<{ delta: number; reason: string }, Schemas["StockView"]>
      command="adjust_stock"
      subject={variant_id}
      size="small"
      label={words.adjust.label}
      title={words.adjust.title(variant_name)}
      fields={() => (
        <>
          <NumberField
            name="delta"
            label={words.adjust.delta}
            help={words.adjust.deltaHelp(available_qty)}
            min={-10_000_000}
            max={10_000_000}
          />
          <TextField name="reason" label={words.adjust.reason} max={200} />
        </>
      )}
      effect={({ delta }) => words.adjust.effect(available_qty, available_qty + (delta || 0))}
      confirm={({ delta }) => words.adjust.confirm(delta || 0)}
      send={(body, key) =>
        answered(
          client.POST("/api/v1/admin/variants/{variant_id}/stock", {
            params: { path: { variant_id }, header: { "Idempotency-Key": key } },
            body,
          }),
        )
      }
      done={(stock) => words.adjust.done(stock.available_qty)}
      refresh={[["products"], ["product", product_id], ["adjustments", variant_id], ["summary"]]}
    />
  );
}
