import { answered, useShop, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

type Schemas = components["schemas"];
export type ShippingMethod = Schemas["ShippingMethodView"];

/** The delivery that an order chooses. */
export interface Shipping {
  methods: readonly ShippingMethod[];
  chosen: ShippingMethod | undefined;
  choose: (code: string) => void;
  postalCode: string;
  setPostalCode: (code: string) => void;
  /** The order's field; undefined in a shop without shipping methods. */
  body: Schemas["ShippingBody"] | undefined;
  /** Whether the shop's methods are known. */
  isKnown: boolean;
  /** Whether the shop can compute the fee. */
  isComplete: boolean;
  failure: unknown;
  retry: () => void;
}

/** Whether the fee of a method depends on the address. */
export function needsPostalCode(method: ShippingMethod | undefined): boolean {
  return method !== undefined && method.kind === "HOME" && method.island_surcharge_cents > 0;
}

/** The delivery field of an order. */
export function bodyOf(method: ShippingMethod | undefined, postalCode: string): Shipping["body"] {
  if (!method) return undefined;
  return { method_code: method.code, ...(needsPostalCode(method) && { postal_code: postalCode.trim() }) };
}

/** The postal code that an address begins with, as addresses in Taiwan do; empty where there is none. */
export function postalCodeOf(address: string): string {
  return /^\s*(\d{3}(?:\d{2,3})?)(?!\d)/.exec(address)?.[1] ?? "";
}

/**
 * The shop's methods, of which the first is chosen until the customer chooses another one. The postal code is that of
 * the address until the customer enters another one.
 */
export function useShipping(address: string): Shipping {
  const { client } = useShop();
  const [code, choose] = useState<string>();
  const [entered, setPostalCode] = useState<string>();
  const postalCode = entered ?? postalCodeOf(address);
  const found = useQuery({
    queryKey: ["shipping-methods"],
    queryFn: () => answered(client.GET("/api/v1/shipping-methods", { params: { query: { limit: 100 } } })),
  });
  const methods = found.data?.items ?? [];
  const chosen = methods.find((method) => method.code === code) ?? methods[0];
  return {
    methods,
    chosen,
    choose,
    postalCode,
    setPostalCode,
    body: bodyOf(chosen, postalCode),
    isKnown: found.data !== undefined,
    isComplete: found.data !== undefined && (!needsPostalCode(chosen) || isPostalCode(postalCode)),
    failure: found.error,
    retry: () => void found.refetch(),
  };
}

/** Whether the shop accepts a text as a postal code. */
export function isPostalCode(text: string): boolean {
  return /^[A-Za-z0-9 -]{2,10}$/.test(text.trim()) && /[A-Za-z0-9]/.test(text);
}
