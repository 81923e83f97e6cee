import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { short } from "../kit/names";
import { to } from "../kit/to";
import { nameOf, SUBJECTS } from "./actions";

const PAGES: Record<string, (id: string) => string> = {
  order: to.order,
  product: to.product,
  // The id of a variant begins with that of its product, the id of an offer with that of its window.
  variant: (id) => to.product(id.split(".")[0] ?? ""),
  sell_window: to.window,
  offer: (id) => to.window(id.split(".")[0] ?? ""),
  batch: to.batch,
  work_order: to.workOrder,
  coupon: to.coupon,
  customer: to.customer,
  payment_task: to.money,
  shipping_method: to.delivery,
};

/** The subject of an event or a command: a link where the console has a page for it. */
export function SubjectLink({ type, id }: { type: string; id: string }) {
  const names = useWords(SUBJECTS);
  const kind = type.replaceAll("-", "_");
  const page = PAGES[kind];
  const text = `${nameOf(names, kind)} ${short(id)}`;
  return page ? <Link href={page(id)}>{text}</Link> : <span title={id}>{text}</span>;
}
