import { LANGUAGES, useLanguage, useWords, type Language } from "@millrun/api";
import { Failure } from "../parts/Failure";
import { useProfile, useSaveProfile } from "./profile";
import { WORDS } from "./words";

const NAMES: Record<Language, string> = { en: "English", "zh-TW": "繁體中文" };

/** The language that is saved with the account. The pages are shown in it at once. */
export function LanguageChoice() {
  const words = useWords(WORDS);
  const { language, choose } = useLanguage();
  const profile = useProfile();
  const save = useSaveProfile();
  const chosen = save.isPending ? language : (profile.data?.language ?? language);
  return (
    <fieldset className="stack">
      <legend>
        <h2>{words.language}</h2>
      </legend>
      <p className="muted">{words.languageText}</p>
      <div className="choices">
        {LANGUAGES.map((each) => (
          <label key={each} className="choice" lang={each}>
            <input
              type="radio"
              name="language"
              checked={chosen === each}
              onChange={() => {
                choose(each);
                save.mutate((before) => ({ ...before, language: each }));
              }}
            />
            {NAMES[each]}
          </label>
        ))}
      </div>
      <div role="status">{save.isSuccess && <p className="small good">{words.languageSaved}</p>}</div>
      {save.isError && <Failure failure={save.error} />}
    </fieldset>
  );
}
