import { answered, type Client } from "@millrun/api";

/**
 * Routes that this build's contract does not list. A shop without them responds with 404, and the part of the page that
 * needs them is not shown (`isAbsent`).
 */
type Query = Record<string, string | undefined>;
type Call = (
  path: string,
  init: { params?: { query?: Query; header?: Record<string, string> }; body?: unknown },
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

function loose(client: Client): Record<"GET" | "POST" | "PATCH" | "PUT", Call> {
  return client as unknown as Record<"GET" | "POST" | "PATCH" | "PUT", Call>;
}

export function read<T>(client: Client, path: string, query: Query = {}): Promise<T> {
  return answered(loose(client).GET(`/api/v1${path}`, { params: { query } })) as Promise<T>;
}

export function send<T>(
  client: Client,
  method: "POST" | "PATCH" | "PUT",
  path: string,
  key: string,
  body?: unknown,
): Promise<T> {
  const header = method === "POST" ? { "Idempotency-Key": key } : undefined;
  return answered(
    loose(client)[method](`/api/v1${path}`, {
      params: { ...(header && { header }) },
      ...(body !== undefined && { body }),
    }),
  ) as Promise<T>;
}
