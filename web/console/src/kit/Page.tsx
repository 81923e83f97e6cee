import { useShop } from "@millrun/api";
import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Refusal } from "./Refusal";

interface PageProps {
  title: string;
  /** Next to the title: a status, or a total. */
  beside?: ReactNode;
  /** The list that this page belongs to. */
  back?: { href: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, beside, back, actions, children }: PageProps) {
  const { shopName } = useShop().config;
  return (
    <>
      <title>{`${title} – ${shopName}`}</title>
      <header className="page-head">
        <div className="page-names">
          {back && (
            <Link href={back.href} className="page-back">
              ‹ {back.label}
            </Link>
          )}
          <h1>{title}</h1>
          {beside && <div className="page-beside">{beside}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

/** A section of a page, with a border. */
export function Panel({ title, extra, children }: { title?: ReactNode; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel">
      {(title || extra) && (
        <header className="panel-head">
          <h2>{title}</h2>
          {extra && <div className="panel-extra">{extra}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

interface Query<T> {
  data: T | undefined;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** Shows a skeleton while loading, then the error or the content. */
export function Read<T>({ query, children }: { query: Query<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Refusal failure={query.error} retry={() => void query.refetch()} />;
  return <Skeleton active paragraph={{ rows: 8 }} title={false} />;
}
