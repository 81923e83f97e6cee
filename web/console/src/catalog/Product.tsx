import { useWords } from "@millrun/api";
import { Table, type TableColumnsType } from "antd";
import { useProduct } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Actions, Details } from "../kit/Actions";
import { Page, Panel, Read } from "../kit/Page";
import { Copyable, Money, Qty } from "../kit/Show";
import { Dot, Status } from "../kit/Status";
import { to } from "../kit/to";
import { Adjustments } from "./Adjustments";
import { isLow, type Product as ProductOf, type Variant } from "./api";
import { EditProduct } from "./Commands";
import { Images } from "./Images";
import { AddVariant, AdjustStock, EditVariant } from "./VariantCommands";
import { WORDS } from "./words";

export function Product({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const query = useProduct(params.id);
  const product: ProductOf | undefined = query.data;
  return (
    <Page
      title={product?.name ?? words.product}
      back={{ href: to.catalog(), label: words.title }}
      beside={product && <Status kind="product" value={product.status} />}
      actions={
        product && (
          <>
            <AddVariant product={product} />
            <EditProduct product={product} />
          </>
        )
      }
    >
      <Read query={{ ...query, data: product }}>{(found) => <Detail product={found} />}</Read>
    </Page>
  );
}

function Detail({ product }: { product: ProductOf }) {
  const words = useWords(WORDS);
  const columns = useColumns();
  return (
    <>
      <div className="columns">
        <Panel title={words.description}>
          <p className="prose">{product.description || "–"}</p>
          {product.category && (
            <p className="muted">
              {words.category}: {product.category}
            </p>
          )}
          {product.tags && product.tags.length > 0 && (
            <p className="muted">
              {words.tags}: {product.tags.join(", ")}
            </p>
          )}
        </Panel>
        <Images product={product} />
      </div>
      <Panel title={words.variants}>
        {product.variants.length === 0 ? (
          <Nothing title={words.noVariants.title} step={<AddVariant product={product} />}>
            {words.noVariants.body}
          </Nothing>
        ) : (
          <div role="region" aria-label={words.variants} tabIndex={0} className="table-region">
            <Table<Variant>
              size="small"
              columns={columns}
              dataSource={product.variants}
              rowKey={(variant) => variant.variant_id}
              pagination={false}
              expandable={{
                columnTitle: <Details />,
                expandedRowRender: (variant) => <Adjustments variantId={variant.variant_id} />,
              }}
            />
          </div>
        )}
      </Panel>
    </>
  );
}

function useColumns(): TableColumnsType<Variant> {
  const words = useWords(WORDS);
  return [
    { title: words.variantName, key: "name", render: (_, { variant_name }) => variant_name },
    { title: words.sku, key: "sku", render: (_, { sku }) => <Copyable text={sku} /> },
    {
      title: words.status,
      key: "active",
      render: (_, { is_active }) => (
        <Dot tone={is_active ? "good" : "quiet"}>{is_active ? words.onSale : words.offSale}</Dot>
      ),
    },
    {
      title: words.price,
      key: "price",
      align: "right",
      render: (_, { price_cents, currency }) => <Money cents={price_cents} currency={currency} />,
    },
    {
      title: words.available,
      key: "available",
      align: "right",
      render: (_, variant) => (
        <>
          {isLow(variant) && <Dot tone="waits">{words.low}</Dot>} <Qty value={variant.available_qty} />
        </>
      ),
    },
    {
      title: <Actions />,
      key: "actions",
      align: "right",
      render: (_, variant) => (
        <span className="row-actions">
          <AdjustStock variant={variant} />
          <EditVariant variant={variant} />
        </span>
      ),
    },
  ];
}
