import { LANGUAGES, useLanguage, useShop, useWords, type Language, type Person } from "@millrun/api";
import { Button, Popover, Radio } from "antd";
import { lazy, Suspense, useState } from "react";
import { WORDS as ACCOUNT_WORDS } from "../account/words";
import { chooseAppearance, useAppearance, type Appearance } from "../kit/appearance";
import { Icon } from "../kit/Icon";
import { LANGUAGE_NAMES } from "../kit/languages";
import { useKitWords } from "../kit/useKitWords";

/** With a QR code, which few people need: loaded when it is opened. */
const TwoFactor = lazy(async () => ({ default: (await import("../account/TwoFactor")).TwoFactor }));

function LanguageChoice() {
  const { language, choose } = useLanguage();
  return (
    <Radio.Group
      size="small"
      optionType="button"
      value={language}
      onChange={(event) => choose(event.target.value as Language)}
      options={LANGUAGES.map((value) => ({ value, label: <span lang={value}>{LANGUAGE_NAMES[value]}</span> }))}
    />
  );
}

export function AccountMenu({ person, help }: { person: Person; help: () => void }) {
  const { session } = useShop();
  const words = useKitWords();
  const { twoFactor } = useWords(ACCOUNT_WORDS);
  const { appearance } = useAppearance();
  const [isSettingUp, setUp] = useState(false);
  const [isOpen, open] = useState(false);
  const content = (
    <div className="account">
      <strong>{person.email}</strong>
      <span className="muted">{person.groups.join(", ")}</span>
      <span>{words.language}</span>
      <LanguageChoice />
      <span>{words.appearance.title}</span>
      <Radio.Group
        size="small"
        optionType="button"
        value={appearance}
        onChange={(event) => chooseAppearance(event.target.value as Appearance)}
        options={(["system", "light", "dark"] as const).map((value) => ({ value, label: words.appearance[value] }))}
      />
      <div className="account-actions">
        <Button size="small" onClick={help}>
          {words.shortcuts}
        </Button>
        <Button
          size="small"
          onClick={() => {
            open(false);
            setUp(true);
          }}
        >
          {twoFactor.open}
        </Button>
        <Button size="small" onClick={() => void session.signOut()}>
          {words.signOut}
        </Button>
      </div>
    </div>
  );
  return (
    <>
      <Popover content={content} trigger="click" placement="bottomRight" open={isOpen} onOpenChange={open}>
        <Button type="text" className="account-button" aria-label={`${words.account}: ${person.email}`}>
          {person.email.split("@")[0]} <Icon shape="down" />
        </Button>
      </Popover>
      {isSettingUp && (
        <Suspense>
          <TwoFactor email={person.email} close={() => setUp(false)} />
        </Suspense>
      )}
    </>
  );
}
