import { ApiError, useProblemWords, useWords } from "@millrun/api";
import { Link, useLocation } from "wouter";
import { WORDS } from "../layout/words";

/** An error with its meaning and what to do. */
export function Failure({ failure, retry }: { failure: unknown; retry?: () => void }) {
  const say = useProblemWords();
  const words = useWords(WORDS);
  const [path] = useLocation();
  const code = failure instanceof ApiError ? failure.code : "page";
  // What is not there will not be there in a moment either.
  const isGone = failure instanceof ApiError && failure.status === 404;
  return (
    <div className="notice bad enter" role="alert">
      <p>{say(failure)}</p>
      {code === "unauthenticated" ? (
        <Link className="link" href={`/sign-in?to=${encodeURIComponent(path)}`}>
          {words.signInAgain}
        </Link>
      ) : (
        retry &&
        !isGone && (
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
