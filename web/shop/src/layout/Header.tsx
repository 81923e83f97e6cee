import { LANGUAGES, useLanguage, useShop, useSigned, useWords, type Language } from "@millrun/api";
import { Link, useLocation } from "wouter";
import { pieces, useCart } from "../cart/cart";
import { WORDS } from "./words";

const NAMES: Record<Language, string> = { en: "EN", "zh-TW": "中文" };

export function Header() {
  const { config } = useShop();
  const words = useWords(WORDS);
  const [path] = useLocation();
  const sections = [
    { to: "/", name: words.shop, present: path === "/" || /^\/(products|windows)\b/.test(path) },
    { to: "/orders", name: words.orders, present: path.startsWith("/orders") },
    { to: "/coupons", name: words.coupons, present: path.startsWith("/coupons") },
    { to: "/points", name: words.points, present: path.startsWith("/points") },
  ];
  return (
    <header className="top">
      <div className="frame">
        <Link href="/" className="brand">
          <Mark />
          {config.shopName}
        </Link>
        <nav aria-label={words.sections}>
          {sections.map(({ to, name, present }) => (
            <Link key={to} href={to} aria-current={present ? "page" : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <Tools path={path} />
      </div>
    </header>
  );
}

function Tools({ path }: { path: string }) {
  const words = useWords(WORDS);
  const signed = useSigned();
  const { language, choose } = useLanguage();
  const count = pieces(useCart().lines);
  const back = /^\/(sign-|forgot)/.test(path) ? "" : `?to=${encodeURIComponent(path)}`;
  return (
    <div className="tools">
      <label>
        <span className="hidden">{words.language}</span>
        <select value={language} onChange={(event) => choose(event.target.value as Language)}>
          {LANGUAGES.map((each) => (
            <option key={each} value={each} lang={each}>
              {NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      {signed ? <Link href="/account">{words.account}</Link> : <Link href={`/sign-in${back}`}>{words.signIn}</Link>}
      <Link href="/cart">
        {words.cart}
        {count > 0 && (
          <span className="count">
            <span aria-hidden="true">{count}</span>
            <span className="hidden">{words.cartCount(count)}</span>
          </span>
        )}
      </Link>
    </div>
  );
}

/** The logo: a mill wheel. */
function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.6">
      <circle cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="2.200" fill="currentColor" />
      <path d="M12 3v18M3 12h18M5.600 5.600l12.800 12.800M18.400 5.600 5.600 18.400" />
    </svg>
  );
}
