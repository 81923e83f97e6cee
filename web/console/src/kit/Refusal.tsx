import { ApiError, useProblemWords } from "@millrun/api";
import { Alert, Button } from "antd";
import { useKitWords } from "./useKitWords";

/** What went wrong, what it means and what to do, in words; the code small, for support. */
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

/** Whether a route is not there: an older shop than this page. What stands on it is left out. */
export function isAbsent(failure: unknown): boolean {
  return (
    failure instanceof ApiError &&
    failure.status === 404 &&
    (failure.code === "route_not_found" || failure.code === "unknown_answer")
  );
}
