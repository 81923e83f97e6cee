import { Link } from "wouter";
import { short } from "../kit/names";
import { to } from "../kit/to";

const PAGES: Record<string, (id: string) => string> = {
  order: to.order,
  product: to.product,
  sell_window: to.window,
  batch: to.batch,
  work_order: to.workOrder,
  coupon: to.coupon,
  customer: to.customer,
};

/** The subject of an event or a command: a link where the console has a page for it. */
export function SubjectLink({ type, id }: { type: string; id: string }) {
  const page = PAGES[type.replaceAll("-", "_")];
  const text = `${type.replaceAll("_", " ")} ${short(id)}`;
  return page ? <Link href={page(id)}>{text}</Link> : <span title={id}>{text}</span>;
}
