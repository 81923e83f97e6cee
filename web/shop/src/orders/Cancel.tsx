import { useWords } from "@millrun/api";
import { useRef } from "react";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { useCancel } from "./reads";
import { WORDS } from "./words";

export function Cancel({ orderId }: { orderId: string }) {
  const words = useWords(WORDS);
  const dialog = useRef<HTMLDialogElement>(null);
  const cancel = useCancel(orderId);
  return (
    <>
      <div>
        <button type="button" className="link" onClick={() => dialog.current?.showModal()}>
          {words.cancel}
        </button>
      </div>
      {cancel.isError && <Failure failure={cancel.error} />}
      <dialog ref={dialog} aria-labelledby="cancel">
        <div className="stack">
          <h2 id="cancel">{words.cancelAsk}</h2>
          <p>{words.cancelText}</p>
          <Button onClick={() => dialog.current?.close()}>{words.cancelNo}</Button>
          <Button
            quiet
            busy={cancel.isPending}
            onClick={() => cancel.mutate(undefined, { onSettled: () => dialog.current?.close() })}
          >
            {words.cancelYes}
          </Button>
        </div>
      </dialog>
    </>
  );
}
