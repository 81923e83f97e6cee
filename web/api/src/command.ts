/**
 * A command runs once. It has one idempotency key from its first attempt until its response is known: a retry, a second
 * click and the page after a reload send the same key, so that the shop executes it once and gives the same response.
 */
import { readPersonal, removePersonal, writePersonal } from "./personal";
import { ApiError } from "./problem";

const TRIES_MAX = 4;
const BACKOFF_MS = 800;
/** The maximum delay of a retry, whatever `Retry-After` says. */
export const RETRY_AFTER_MAX_MS = 10_000;
/** The shop keeps a key's response for a day; after that the command could run a second time. */
const KEY_MS_MAX = 20 * 3_600_000;

interface Kept {
  key: string;
  request: string;
  at: number;
}

const sending = new Map<string, Promise<unknown>>();

/**
 * Sends a command.
 *
 * @param slot the command and its object: `place_order`, `pay_order:<order id>`. One command per slot is in
 *   progress at a time.
 * @param request everything that is sent: a different request in the same slot has another key.
 * @param send makes one try with the given key.
 */
export function once<T>(slot: string, request: unknown, send: (key: string) => Promise<T>): Promise<T> {
  const text = JSON.stringify(request);
  const flight = `${slot} ${text}`;
  const underWay = sending.get(flight) as Promise<T> | undefined;
  if (underWay) return underWay;
  const kept = undecided(slot);
  const key = kept?.request === text ? kept.key : newKey(slot, text);
  const answer = retried(() => send(key)).then(
    (value) => {
      forget(slot, key);
      return value;
    },
    (failure: unknown) => {
      if (!(failure instanceof ApiError) || !failure.isUndecided) forget(slot, key);
      throw failure;
    },
  );
  sending.set(flight, answer);
  const landed = () => void sending.delete(flight);
  answer.then(landed, landed);
  return answer;
}

/** The request in a slot whose response is unknown; send it again before another one. */
export function undecidedRequest(slot: string): unknown {
  const kept = undecided(slot);
  return kept ? JSON.parse(kept.request) : undefined;
}

/**
 * Repeats the request in a slot whose response is unknown, with its key. Returns undefined when there is none, or when
 * it was refused: it had no effect, and another request may be sent.
 */
export async function settle<R, T>(
  slot: string,
  send: (request: R, key: string) => Promise<T>,
): Promise<T | undefined> {
  const request = undecidedRequest(slot) as R | undefined;
  if (request === undefined) return undefined;
  try {
    return await once(slot, request, (key) => send(request, key));
  } catch (failure) {
    if (failure instanceof ApiError && !failure.isUndecided) return undefined;
    throw failure;
  }
}

const NAME = "command.";

function undecided(slot: string): Kept | undefined {
  const kept = readPersonal<Kept>(NAME + slot);
  return kept && Date.now() - kept.at < KEY_MS_MAX ? kept : undefined;
}

function newKey(slot: string, request: string): string {
  const kept: Kept = { key: crypto.randomUUID(), request, at: Date.now() };
  writePersonal(NAME + slot, kept);
  return kept.key;
}

function forget(slot: string, key: string): void {
  if (undecided(slot)?.key === key) removePersonal(NAME + slot);
}

async function retried<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (failure) {
      if (!(failure instanceof ApiError) || !failure.isTransient || tries === TRIES_MAX) throw failure;
      const asked = (failure.retryAfterSeconds ?? 0) * 1000;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(RETRY_AFTER_MAX_MS, Math.max(asked, BACKOFF_MS * tries))),
      );
    }
  }
}
