import { ApiError, type components } from "@millrun/api";
import type { CheckoutWords } from "./words";

type Field = Extract<keyof components["schemas"]["ContactBody"], "name" | "phone" | "email" | "shipping_address">;
export type Contact = Record<Field, string>;
export type Wrong = Partial<Record<keyof Contact, string>>;

export const BLANK: Contact = { name: "", phone: "", email: "", shipping_address: "" };

/** The errors of the fields as text; empty when all are valid. */
export function check(contact: Contact, words: CheckoutWords): Wrong {
  const wrong: Wrong = {};
  for (const name of ["name", "phone", "email", "shipping_address"] as const) {
    if (contact[name].trim() === "") wrong[name] = words.missing;
  }
  const digits = contact.phone.replace(/\D/g, "").length;
  wrong.phone ??= digits < 6 || contact.phone.trim().length > 20 ? words.tooShort : undefined;
  wrong.email ??= /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(contact.email.trim()) ? undefined : words.notEmail;
  return wrong;
}

export function isRight(wrong: Wrong): boolean {
  return Object.values(wrong).every((why) => !why);
}

/** The fields that the API refused. */
export function refusedFields(failure: unknown): Wrong {
  if (!(failure instanceof ApiError)) return {};
  const wrong: Wrong = {};
  for (const { field, message } of failure.fields) {
    const name = field.replace(/^(contact|addresses\[\d+\])\./, "");
    if (name in BLANK) wrong[name as keyof Contact] = message;
  }
  return wrong;
}

/** The fields as they are sent. */
export function trimmed({ name, phone, email, shipping_address }: Contact): Contact {
  return { name: name.trim(), phone: phone.trim(), email: email.trim(), shipping_address: shipping_address.trim() };
}
