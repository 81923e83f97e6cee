import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { Page } from "../kit/Page";
import { to } from "../kit/to";
import { PickingList } from "./PickingList";
import { Slips } from "./Slips";
import { ToShip } from "./ToShip";
import { Tracking } from "./Tracking";
import { WORDS } from "./words";

const TABS = ["ship", "picking", "slips", "tracking"] as const;
const SCREENS = { ship: ToShip, picking: PickingList, slips: Slips, tracking: Tracking };

export function Fulfilment({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const tab = TABS.find((name) => name === params.tab) ?? "ship";
  const Screen = SCREENS[tab];
  return (
    <Page title={words.title}>
      <nav className="tabs" aria-label={words.title}>
        {TABS.map((name) => (
          <Link
            key={name}
            href={to.fulfilment(name === "ship" ? undefined : name)}
            {...(name === tab && { "aria-current": "page" as const })}
          >
            {words.tabs[name]}
          </Link>
        ))}
      </nav>
      <Screen />
    </Page>
  );
}
