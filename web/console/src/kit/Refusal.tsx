import { ApiError, useProblemWords } from "@millrun/api";
import { Alert, Button } from "antd";
import { useKitWords } from "./useKitWords";

/** An error with its meaning and what to do; the code in small print, for support. */
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
      // What is not there will not be there in a moment either.
      action={retry && error?.status !== 404 && <Button onClick={retry}>{words.retry}</Button>}
    />
  );
}

/** Whether the user's group may not read a route. */
export function isOutOfReach(failure: unknown): boolean {
  return failure instanceof ApiError && failure.status === 403;
}
