import { answered, useShop, useWords, type components } from "@millrun/api";
import { useLocation } from "wouter";
import { Command } from "../kit/Command";
import { ChoiceField, TextField } from "../kit/Fields";
import { useStatusWords } from "../kit/Status";
import { to } from "../kit/to";
import type { Product } from "./api";
import { WORDS } from "./words";

type Schemas = components["schemas"];

interface ProductFields {
  name: string;
  description?: string;
  status: Schemas["ProductStatus"];
}

function ProductForm() {
  const words = useWords(WORDS);
  const statuses = useStatusWords();
  return (
    <>
      <TextField name="name" label={words.name} max={100} autoFocus />
      <TextField name="description" label={words.description} max={4000} rows={4} optional />
      <ChoiceField name="status" label={words.status} options={statuses.product} />
    </>
  );
}

export function CreateProduct() {
  const { client } = useShop();
  const words = useWords(WORDS);
  const [, navigate] = useLocation();
  return (
    <Command<ProductFields, Schemas["ProductView"]>
      command="create_product"
      subject="new"
      kind="primary"
      label={words.create.label}
      title={words.create.title}
      initial={{ status: "DRAFT" }}
      fields={() => <ProductForm />}
      effect={({ status }) => words.create.effect(words.statusHelp[status])}
      confirm={() => words.create.confirm}
      send={({ name, description = "", status }, key) =>
        answered(
          client.POST("/api/v1/admin/products", {
            params: { header: { "Idempotency-Key": key } },
            body: { name, description, status },
          }),
        )
      }
      done={({ name }) => words.create.done(name)}
      refresh={[["products"]]}
      after={({ product_id }) => navigate(to.product(product_id))}
    />
  );
}

export function EditProduct({ product }: { product: Product }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { product_id, name, description, status } = product;
  return (
    <Command<ProductFields, Schemas["ProductView"]>
      command="update_product"
      subject={product_id}
      label={words.edit.label}
      title={words.edit.title}
      initial={{ name, description, status }}
      fields={() => <ProductForm />}
      effect={(values) => words.edit.effect(words.statusHelp[values.status])}
      confirm={() => words.edit.confirm}
      send={(body) =>
        answered(client.PATCH("/api/v1/admin/products/{product_id}", { params: { path: { product_id } }, body }))
      }
      done={(saved) => words.edit.done(saved.name)}
      refresh={[["products"], ["product", product_id]]}
    />
  );
}
