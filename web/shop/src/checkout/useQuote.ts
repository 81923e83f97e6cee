import { answered, useShop, useSigned, type components } from "@millrun/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

type Schemas = components["schemas"];
export type Quote = Schemas["QuoteView"];

/**
 * The price and the refusals of an order; for a signed-in customer, because coupons and points belong to an account.
 * Not requested before the order says all that its price depends on.
 */
export function useQuote(body: Schemas["QuoteOrder"], isComplete = true) {
  const { client } = useShop();
  const signed = useSigned();
  return useQuery({
    queryKey: ["my", "quote", body],
    queryFn: () => answered(client.POST("/api/v1/quotes", { body })),
    enabled: Boolean(signed) && isComplete && body.lines.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
}

/** Whether the shop would place this order. */
export function isPlaceable(quote: Quote): boolean {
  return (
    quote.code === undefined && quote.coupon?.code === undefined && quote.lines.every(({ code }) => code === undefined)
  );
}
