import { useWords } from "@millrun/api";
import { WORDS } from "../layout/words";

/** A placeholder with the height of the text. */
export function Line({ width = "100%", height = 18 }: { width?: string; height?: number }) {
  return <div className="skeleton" style={{ width, height, margin: "5px 0" }} />;
}

export function Loading({ children }: { children: React.ReactNode }) {
  const words = useWords(WORDS);
  return (
    <div role="status" aria-busy="true">
      <span className="hidden">{words.loading}</span>
      {children}
    </div>
  );
}

/** A placeholder of a list that is loading. */
export function Rows({ count = 3 }: { count?: number }) {
  return (
    <Loading>
      <ul className="lines" aria-hidden="true">
        {Array.from({ length: count }, (_, index) => (
          <li key={index}>
            <div className="grow">
              <Line width="60%" />
              <Line width="35%" height={14} />
            </div>
          </li>
        ))}
      </ul>
    </Loading>
  );
}
