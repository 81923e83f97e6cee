/** Shown when the page's settings cannot be loaded: the language is unknown, so the text is in both. */
export function Unreachable({ retry }: { retry: () => void }) {
  return (
    <main className="start">
      <h1>The shop cannot be reached</h1>
      <p>Check your connection, then try again.</p>
      <p lang="zh-TW">無法連線到商店。請檢查網路後再試一次。</p>
      <p>
        <button type="button" className="plain-button" onClick={retry}>
          Try again · 再試一次
        </button>
      </p>
    </main>
  );
}
