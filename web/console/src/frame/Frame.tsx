import { useShop, useOutage, type Person } from "@millrun/api";
import { Button, Drawer, Modal, type InputRef } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { maySee } from "../kit/access";
import { useKitWords } from "../kit/useKitWords";
import { AccountMenu } from "./AccountMenu";
import { AREAS, areaOf } from "./areas";
import { Icon } from "../kit/Icon";
import { Search } from "./Search";
import { useShortcuts } from "./useShortcuts";

export function Frame({ person, children }: { person: Person; children: ReactNode }) {
  const { shopName } = useShop().config;
  const words = useKitWords();
  const outage = useOutage();
  const [location] = useLocation();
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  const search = useRef<InputRef>(null);
  useShortcuts({ search: () => search.current?.focus(), help: () => setHelp(true) });
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [location]);
  const links = AREAS.filter(({ area }) => maySee(person.groups, area)).map(({ area, path }) => (
    <Link key={area} href={path} {...(areaOf(location) === area && { "aria-current": "page" as const })}>
      {words.areas[area]}
    </Link>
  ));
  return (
    <>
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <header className="frame-head">
        <Button className="frame-menu" type="text" aria-label={words.menu} onClick={() => setMenu(true)}>
          <Icon shape="menu" />
        </Button>
        <Link href="/" className="brand">
          {shopName}
        </Link>
        <nav className="frame-nav" aria-label={words.menu}>
          {links}
        </nav>
        <Search input={search} />
        <AccountMenu person={person} help={() => setHelp(true)} />
      </header>
      {outage && (
        <p className="outage" role="status">
          {words.outage[outage]}
        </p>
      )}
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <Drawer open={menu} placement="left" size={240} title={shopName} onClose={() => setMenu(false)}>
        <nav className="drawer-nav" aria-label={words.menu} onClick={() => setMenu(false)}>
          {links}
        </nav>
      </Drawer>
      <Modal open={help} title={words.shortcuts} footer={null} onCancel={() => setHelp(false)}>
        <dl className="shortcuts">
          {words.shortcutList.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                {keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}
