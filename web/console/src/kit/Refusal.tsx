import { ApiError, useProblemWords } from "@millrun/api";
import { Alert, Button } from "antd";
import { useKitWords } from "./useKitWords";

/** What went wrong, what it means and what to do; the code in small print, for support. */
export function Refusal({ failure, retry }: { failure: unknown; retry?: (() => void) | undefined }) {
  const say = useProblemWords();
  const words = useKitWords();
  const error = failure instanceof ApiError ? failure : undefined;
  return (
    <Alert
      role="alert"
      type={error?.isTransient ? "warning" : "error"}
      showIcon
      title={say(failure)}
      description={
        <>
          {error?.fields.map(({ field, message }) => (
            <div key={field}>
              <code>{field}</code> {message}
            </div>
          ))}
          {error && <small className="code">{words.code(error.code, error.requestId)}</small>}
        </>
      }
      action={retry && <Button onClick={retry}>{words.retry}</Button>}
    />
  );
}

/** Whether the shop is older than this page and lacks a route. The part that needs it is not shown. */
export function isAbsent(failure: unknown): boolean {
  return (
    failure instanceof ApiError &&
    failure.status === 404 &&
    (failure.code === "route_not_found" || failure.code === "unknown_answer")
  );
}

/** Whether this reader cannot have what a route returns: it is absent, or not for the reader's group. */
export function isOutOfReach(failure: unknown): boolean {
  return isAbsent(failure) || (failure instanceof ApiError && failure.status === 403);
}
