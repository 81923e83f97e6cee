import { beforeEach, expect, it, vi } from "vitest";
import { readPersonal, Session, writePersonal, type Config } from "../src";

const CONFIG: Config = {
  region: "us-east-1",
  userPoolId: "us-east-1_a",
  userPoolClientId: "c",
  shopName: "Millrun",
  currency: "TWD",
  language: "en",
  timeZone: "Asia/Taipei",
};

let person = { access: "token-1", id: "1", email: "one@shop.example", groups: [] as string[] };

type Keep = (key: string, value: string) => void;
let keep: Keep = () => undefined;

vi.mock("../src/auth", () => ({
  configure: (_: unknown, store: { set: Keep }) => {
    keep = store.set;
  },
  tokens: () => Promise.resolve(person),
  signIn: () => {
    keep("tokens", "…");
    return Promise.resolve({ nextStep: { signInStep: "DONE" } });
  },
  signOut: () => Promise.resolve(),
}));

beforeEach(() => {
  sessionStorage.clear();
  person = { access: "token-1", id: "1", email: "one@shop.example", groups: [] };
});

async function signedIn(): Promise<Session> {
  const session = new Session("shop", CONFIG);
  await session.start();
  expect(session.current()).toBeNull();
  await session.signIn("one@shop.example", "…");
  expect(session.current()?.email).toBe("one@shop.example");
  return session;
}

it("what was begun stays when a session ends by itself, and goes when its person signs out", async () => {
  const session = await signedIn();
  writePersonal("checkout.contact", { name: "One" });
  session.forget();
  expect(session.current()).toBeNull();
  expect(readPersonal("checkout.contact")).toEqual({ name: "One" });
  await session.signOut();
  expect(readPersonal("checkout.contact")).toBeUndefined();
});

it("what one person began is not there for the next", async () => {
  const session = await signedIn();
  writePersonal("checkout.contact", { name: "One" });
  session.forget();
  person = { access: "token-2", id: "2", email: "two@shop.example", groups: [] };
  await session.signIn("two@shop.example", "…");
  expect(readPersonal("checkout.contact")).toBeUndefined();
});
