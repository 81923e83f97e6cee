import { beforeEach, expect, it, vi } from "vitest";
import { Session, type Config } from "../src";

// The sign-in library runs as it is: the user pool's answers are those of Amazon Cognito.

const CONFIG: Config = {
  region: "us-east-1",
  userPoolId: "us-east-1_aBcDeF123",
  userPoolClientId: "client",
  shopName: "Millrun",
  currency: "TWD",
  language: "en",
  timeZone: "Asia/Taipei",
};
const EMAIL = "staff@shop.example";
const SUB = "6f1d3a52-0000-4000-8000-000000000001";

type Json = Record<string, unknown>;

const VERIFY: Json = {
  ChallengeName: "PASSWORD_VERIFIER",
  ChallengeParameters: {
    SALT: "4e0c5b7a2d1f",
    SECRET_BLOCK: btoa("a block that only the pool can read"),
    SRP_B: "5f".repeat(384),
    USERNAME: SUB,
    USER_ID_FOR_SRP: SUB,
  },
};
const TOTP: Json = {
  ChallengeName: "SOFTWARE_TOKEN_MFA",
  Session: "session-totp",
  ChallengeParameters: { FRIENDLY_DEVICE_NAME: "phone", USER_ID_FOR_SRP: SUB },
};
const SETUP: Json = {
  ChallengeName: "MFA_SETUP",
  Session: "session-setup",
  ChallengeParameters: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP: SUB },
};
const NEW_PASSWORD: Json = {
  ChallengeName: "NEW_PASSWORD_REQUIRED",
  Session: "session-password",
  ChallengeParameters: {
    USER_ID_FOR_SRP: SUB,
    requiredAttributes: "[]",
    userAttributes: `{"email":"${EMAIL}","email_verified":"true"}`,
  },
};

function token(use: string): string {
  const now = Math.floor(Date.now() / 1000);
  const iss = `https://cognito-idp.us-east-1.amazonaws.com/${CONFIG.userPoolId}`;
  const claims = {
    sub: SUB,
    token_use: use,
    iss,
    iat: now,
    exp: now + 3600,
    email: EMAIL,
    "cognito:groups": ["admin"],
  };
  const part = (json: object) => btoa(JSON.stringify(json)).replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_");
  return [part({ alg: "RS256", kid: "k" }), part(claims), "c2lnbmF0dXJl"].join(".");
}

function tokens(): Json {
  const result = { AccessToken: token("access"), IdToken: token("id"), RefreshToken: "r", TokenType: "Bearer" };
  return { AuthenticationResult: { ...result, ExpiresIn: 3600 }, ChallengeParameters: {} };
}

/** What was asked of the pool: the operation, and its body. */
let asked: [string, Json][] = [];

/** The pool answers the requests in this order. */
function poolAnswers(...answers: (Json | { refusal: string })[]): void {
  asked = [];
  const left = [...answers];
  vi.stubGlobal("fetch", (_: unknown, { headers, body }: { headers: Record<string, string>; body: string }) => {
    const target = new Headers(headers).get("x-amz-target") ?? "";
    asked.push([target.split(".")[1] ?? "", JSON.parse(body) as Json]);
    const answer = left.shift() ?? {};
    const status = "refusal" in answer ? 400 : 200;
    const json = "refusal" in answer ? { __type: answer.refusal, message: "refused" } : answer;
    return Promise.resolve(new Response(JSON.stringify(json), { status }));
  });
}

async function newSession(): Promise<Session> {
  const session = new Session("console", CONFIG);
  await session.start();
  return session;
}

function responses(): Json {
  return (asked.at(-1)?.[1].ChallengeResponses ?? {}) as Json;
}

beforeEach(() => {
  sessionStorage.clear();
});

it("signs in with a password alone", async () => {
  const session = await newSession();
  poolAnswers(VERIFY, tokens());
  expect(await session.signIn(EMAIL, "secret")).toBe("done");
  expect(session.current()).toMatchObject({ email: EMAIL, groups: ["admin"] });
  expect(JSON.stringify(asked)).not.toContain("secret");
});

it("asks for the code of an authenticator, and again when it was wrong", async () => {
  const session = await newSession();
  poolAnswers(VERIFY, TOTP, { refusal: "CodeMismatchException" }, tokens());
  expect(await session.signIn(EMAIL, "secret")).toBe("totp");
  expect(session.current()).toBeNull();
  await expect(session.answer("000000")).rejects.toThrow();
  expect(session.current()).toBeNull();
  expect(await session.answer("123456")).toBe("done");
  expect(asked.at(-1)?.[1]).toMatchObject({ ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "session-totp" });
  expect(responses()).toMatchObject({ SOFTWARE_TOKEN_MFA_CODE: "123456" });
  expect(session.current()?.groups).toEqual(["admin"]);
});

it("asks for a new password after a temporary one, and then for the code", async () => {
  const session = await newSession();
  poolAnswers(VERIFY, NEW_PASSWORD, TOTP, tokens());
  expect(await session.signIn(EMAIL, "temporary")).toBe("new_password");
  expect(await session.answer("Paper-and-ink-7")).toBe("totp");
  expect(responses()).toMatchObject({ NEW_PASSWORD: "Paper-and-ink-7" });
  expect(await session.answer("123456")).toBe("done");
});

it("shows the key of a new authenticator where the pool requires one", async () => {
  const session = await newSession();
  const key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  poolAnswers(
    VERIFY,
    SETUP,
    { SecretCode: key, Session: "session-associated" },
    { Status: "SUCCESS", Session: "session-verified" },
    tokens(),
  );
  expect(await session.signIn(EMAIL, "secret")).toBe("totp_setup");
  expect(session.authenticator(EMAIL)?.key).toBe(key);
  expect(session.authenticator(EMAIL)?.uri).toContain(`otpauth://totp/Millrun:${EMAIL}?secret=${key}`);
  expect(await session.answer("123456")).toBe("done");
  expect(asked.map(([operation]) => operation)).toEqual([
    "InitiateAuth",
    "RespondToAuthChallenge",
    "AssociateSoftwareToken",
    "VerifySoftwareToken",
    "RespondToAuthChallenge",
  ]);
  expect(asked[3]?.[1]).toMatchObject({ UserCode: "123456", Session: "session-associated" });
});

it("says that a password has to be reset when the pool demands it", async () => {
  const session = await newSession();
  poolAnswers({ refusal: "PasswordResetRequiredException" });
  expect(await session.signIn(EMAIL, "secret")).toBe("reset_password");
});
