import { useWords } from "@millrun/api";
import { useFormat } from "../kit/Show";
import type { MethodFields } from "./api";
import { WORDS } from "./words";

type Cost = Pick<MethodFields, "kind" | "fee_cents" | "free_from_cents" | "island_surcharge_cents">;

/** The fee of a method as text: `NT$ 100, free from NT$ 1,500, NT$ 90 more to an outlying island`. */
export function useCost(): (of: Cost) => string {
  const words = useWords(WORDS);
  const { money, list } = useFormat();
  return ({ kind, fee_cents, free_from_cents, island_surcharge_cents }) => {
    if (kind === "PICKUP") return words.free;
    const parts = [fee_cents > 0 ? money(fee_cents) : words.free];
    if (fee_cents > 0 && free_from_cents) parts.push(words.cost.freeFrom(money(free_from_cents)));
    if (island_surcharge_cents) parts.push(words.cost.island(money(island_surcharge_cents)));
    return list(parts);
  };
}
