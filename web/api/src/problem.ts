import type { components } from "./schema";

type Schemas = components["schemas"];

/** Every refusal of the API, and every reason why no response arrives. */
export type KnownCode = Schemas["KnownProblemCode"] | "offline" | "timeout" | "too_many_requests" | "unknown_answer";
/** A known code, or one that was added after this page was built. */
export type Code = KnownCode | (string & {});

/** A failed request. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: Code,
    /** 0 where no response arrived. */
    readonly status: number,
    readonly detail = "",
    readonly fields: readonly Schemas["WrongField"][] = [],
    readonly requestId = "",
    readonly retryAfterSeconds?: number,
  ) {
    super(detail ? `${code}: ${detail}` : code);
  }

  /** Whether the command may have been executed: then only a request with the same key may be sent. */
  get isUndecided(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429 || this.status === 401;
  }

  /** Whether a retry may succeed. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** Parses a refusal. Some come from API Gateway itself, with only a message. */
export function problemOf(response: Response, body: unknown): ApiError {
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  if (isProblem(body)) {
    return new ApiError(body.code, response.status, body.detail, body.errors ?? [], body.request_id, seconds);
  }
  return new ApiError(
    codeOf(response.status),
    response.status,
    "",
    [],
    response.headers.get("apigw-requestid") ?? "",
    seconds,
  );
}

function codeOf(status: number): Code {
  switch (status) {
    case 401:
      return "unauthenticated";
    case 403:
      return "forbidden";
    case 413:
      return "body_too_large";
    case 429:
      return "too_many_requests";
    case 502:
    case 503:
    case 504:
      return "busy";
    case 500:
      return "internal_error";
    default:
      return "unknown_answer";
  }
}

function isProblem(body: unknown): body is Schemas["Problem"] {
  return typeof body === "object" && body !== null && "code" in body && "status" in body;
}
