import { useShop } from "@millrun/api";
import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Refusal } from "./Refusal";

interface PageProps {
  title: string;
  /** What stands beside the title: a status, a total. */
  beside?: ReactNode;
  /** The list that this one is of. */
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

/** A part of a page, with a hairline around it. */
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

/** Shows what was read: the outline while it comes, the refusal in words, or the thing. */
export function Read<T>({ query, children }: { query: Query<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Refusal failure={query.error} retry={() => void query.refetch()} />;
  return <Skeleton active paragraph={{ rows: 8 }} title={false} />;
}
