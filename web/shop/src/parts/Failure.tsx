import { ApiError, useProblemWords, useWords } from "@millrun/api";
import { Link, useLocation } from "wouter";
import { WORDS } from "../layout/words";

/** An error with its meaning and what to do. */
export function Failure({ failure, retry }: { failure: unknown; retry?: () => void }) {
  const say = useProblemWords();
  const words = useWords(WORDS);
  const [path] = useLocation();
  const code = failure instanceof ApiError ? failure.code : "page";
  return (
    <div className="notice bad enter" role="alert">
      <p>{say(failure)}</p>
      {code === "unauthenticated" ? (
        <Link className="link" href={`/sign-in?to=${encodeURIComponent(path)}`}>
          {words.signInAgain}
        </Link>
      ) : (
        retry && (
          <button type="button" className="link" onClick={retry}>
            {words.retry}
          </button>
        )
      )}
      <p className="small muted">{words.code(reference(failure, code))}</p>
    </div>
  );
}

function reference(failure: unknown, code: string): string {
  return failure instanceof ApiError && failure.requestId ? `${code} · ${failure.requestId}` : code;
}
