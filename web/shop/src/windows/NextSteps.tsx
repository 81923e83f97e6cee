import { format, useLanguage, useWords } from "@millrun/api";
import type { Offer, SellWindow } from "../catalogue/reads";
import { Steps, type Step } from "../parts/Steps";
import { shipsAbout } from "./offer";
import { WORDS } from "./words";

export function NextSteps({ window, offer }: { window: SellWindow; offer: Offer }) {
  const words = useWords(WORDS);
  const { language } = useLanguage();
  const { steps } = words;
  const ships = format.day(shipsAbout(offer), language, window.timezone);
  const names = [
    steps.reserved,
    steps.enough(format.number(offer.threshold_qty, language)),
    steps.pay(offer.payment_window_hours),
    steps.made,
    steps.shipped(ships),
  ];
  return (
    <section className="stack" aria-labelledby="next">
      <h2 id="next">{words.next}</h2>
      <Steps steps={names.map((name): Step => ({ name, state: "ahead" }))} />
      <p className="small muted">{words.shipNote}</p>
    </section>
  );
}
