import { useWords } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { Link } from "wouter";
import { OneOf, TextFilter, useFilters } from "../kit/filters";
import { Nothing } from "../kit/Nothing";
import { Page } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { Picture } from "../kit/Picture";
import { Qty, useFormat, When } from "../kit/Show";
import { Dot, Status, useStatusWords } from "../kit/Status";
import { to } from "../kit/to";
import { isLow, useProducts, type Product } from "./api";
import { CreateProduct } from "./Commands";
import { WORDS } from "./words";

export function Catalog() {
  const words = useWords(WORDS);
  const statuses = useStatusWords();
  const { values, set, any } = useFilters(["status", "q"]);
  const pages = useProducts(values.status);
  const items = pages.items.filter((product) => fits(product, values.q));
  return (
    <Page title={words.title} actions={<CreateProduct />}>
      <div className="filters" role="search">
        <OneOf
          label={words.status}
          value={values.status}
          options={statuses.product}
          onChange={(status) => set({ status })}
        />
        <TextFilter label={words.search} value={values.q} onChange={(q) => set({ q })} />
      </div>
      <PagedTable<Product>
        label={words.title}
        pages={{ ...pages, items }}
        rowKey={(product) => product.product_id}
        columns={useColumns()}
        empty={
          any ? (
            <Nothing title={words.noneFound.title}>{words.noneFound.body}</Nothing>
          ) : (
            <Nothing title={words.empty.title} step={<CreateProduct />}>
              {words.empty.body}
            </Nothing>
          )
        }
      />
    </Page>
  );
}

function fits(product: Product, text: string | undefined): boolean {
  if (!text) return true;
  const term = text.toLowerCase();
  return [product.name, ...product.variants.map(({ sku }) => sku)].some((value) => value.toLowerCase().includes(term));
}

function useColumns(): TableColumnsType<Product> {
  const words = useWords(WORDS);
  const { money } = useFormat();
  return [
    {
      title: words.product,
      key: "product",
      render: (_, { product_id, name, images }) => (
        <Link href={to.product(product_id)} className="with-picture">
          <Picture id={product_id} name={name} url={images[0]?.url} />
          {name}
        </Link>
      ),
    },
    { title: words.status, key: "status", render: (_, { status }) => <Status kind="product" value={status} /> },
    {
      title: words.variants,
      key: "variants",
      render: (_, { variants }) => words.variantCount(variants.length),
      responsive: ["md"],
    },
    {
      title: words.price,
      key: "price",
      align: "right",
      render: (_, { variants }) => <span className="number">{priceOf(variants, money, words.priceFrom)}</span>,
    },
    {
      title: words.available,
      key: "available",
      align: "right",
      render: (_, { variants }) => (
        <>
          {variants.some(isLow) && <Dot tone="waits">{words.low}</Dot>}{" "}
          <Qty value={variants.reduce((sum, variant) => sum + variant.available_qty, 0)} />
        </>
      ),
    },
    {
      title: words.updated,
      key: "updated",
      render: (_, { updated_at }) => <When at={updated_at} />,
      responsive: ["lg"],
    },
  ];
}

function priceOf(
  variants: Product["variants"],
  money: (cents: number, currency?: string) => string,
  from: (text: string) => string,
): string {
  const prices = variants.map(({ price_cents }) => price_cents);
  if (prices.length === 0) return "–";
  const least = money(Math.min(...prices), variants[0]?.currency);
  return new Set(prices).size > 1 ? from(least) : least;
}
