import type { Offer, SellWindow } from "../catalogue/reads";

export type OfferState = "soon" | "open" | "full" | "over";

/** Remaining places; undefined where there is no limit. */
export function placesLeft({ max_total_qty: most, reserved_qty: reserved }: Offer): number | undefined {
  return typeof most === "number" ? Math.max(0, most - reserved) : undefined;
}

export function stateOf(window: SellWindow, offer: Offer, now: number): OfferState {
  const takesOrders = offer.enabled && (offer.status === "OPEN" || offer.status === "REACHED");
  if (!takesOrders || now >= Date.parse(offer.closes_at)) return "over";
  if (now < Date.parse(window.start_at)) return "soon";
  return placesLeft(offer) === 0 ? "full" : "open";
}

/** Offers that can be reserved now or soon. */
export function openOffers(windows: readonly SellWindow[], now: number): { window: SellWindow; offer: Offer }[] {
  return windows.flatMap((window) =>
    window.offers.filter((offer) => stateOf(window, offer, now) !== "over").map((offer) => ({ window, offer })),
  );
}

/** The estimated shipping date if its window reaches the threshold. */
export function shipsAbout(offer: Offer): Date {
  const days = offer.lead_days + offer.ship_days;
  return new Date(Date.parse(offer.closes_at) + days * 86_400_000);
}
