import createClient, { type Client as Fetcher } from "openapi-fetch";
import { ApiError, problemOf } from "./problem";
import type { paths } from "./schema";

export type Client = Fetcher<paths>;

const TIMEOUT_MS = 30_000;

export interface ClientOptions {
  /** The signed-in user's access token; undefined for a visitor. */
  token: () => Promise<string | undefined>;
  /** For `Accept-Language`. */
  language: () => string;
  /** The API rejected the token: the session has ended. */
  onUnauthenticated: () => void;
}

/** The API's client. Every path of the contract has its types; use `answered` to get the body or an `ApiError`. */
export function newClient({ token, language, onUnauthenticated }: ClientOptions): Client {
  const client = createClient<paths>({ baseUrl: "/", fetch: send });
  client.use({
    async onRequest({ request }) {
      const bearer = await token();
      if (bearer) request.headers.set("Authorization", `Bearer ${bearer}`);
      request.headers.set("Accept-Language", language());
      return request;
    },
    onResponse({ request, response }) {
      if (response.status === 401 && request.headers.has("Authorization")) onUnauthenticated();
    },
  });
  return client;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(
      new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) }),
    );
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    if (cause instanceof DOMException && cause.name === "TimeoutError") throw new ApiError("timeout", 0);
    throw new ApiError("offline", 0);
  }
}

/**
 * The body of a response; throws an `ApiError` for a refusal. The type of a list that is also served as CSV includes a
 * string; the client asks for JSON.
 */
export async function answered<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, string>> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(response, error);
  return data as Exclude<T, string>;
}
