import { useWords } from "@millrun/api";
import { Link } from "wouter";
import { useMaySee } from "../kit/access";
import { Page } from "../kit/Page";
import { to } from "../kit/to";
import { Activity } from "./Activity";
import { Audit } from "./Audit";
import { Messages } from "./Messages";
import { Outbox } from "./Outbox";
import { WORDS } from "./words";

const TABS = ["outbox", "messages", "audit", "activity"] as const;
const SCREENS = { outbox: Outbox, messages: Messages, audit: Audit, activity: Activity };

export function Machine({ params }: { params: Record<string, string | undefined> }) {
  const words = useWords(WORDS);
  const maySee = useMaySee();
  const tabs = TABS.filter((name) => maySee(`machine/${name}`));
  const tab = tabs.find((name) => name === params.tab) ?? tabs[0] ?? "outbox";
  const Screen = SCREENS[tab];
  return (
    <Page title={words.title}>
      <nav className="tabs" aria-label={words.title}>
        {tabs.map((name) => (
          <Link key={name} href={to.machine(name)} {...(name === tab && { "aria-current": "page" as const })}>
            {words.tabs[name]}
          </Link>
        ))}
      </nav>
      <Screen />
    </Page>
  );
}
