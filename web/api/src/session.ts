import type { NextStep, TotpSetup } from "./auth";
import type { Authenticator } from "./authenticator";
import type { Config } from "./config";
import { forgetPersonal } from "./personal";
import { ApiError } from "./problem";

/** The signed-in user. */
export interface Person {
  /** The user pool's `sub`. */
  id: string;
  email: string;
  /** The user pool's groups, which grant staff their permissions. */
  groups: readonly string[];
}

/** `undefined`: unknown yet. `null`: not signed in. */
export type Signed = Person | null | undefined;

export type SignInStep = "done" | "confirm_sign_up" | "new_password" | "totp" | "totp_setup" | "reset_password";

type Message = { type: "ask" } | { type: "tell"; entries: [string, string][] } | { type: "over" };

/** How long a new tab waits for the session of another tab. */
const OTHER_TABS_MS = 150;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 15_000;
const RELOAD_MS = 4_000;

/**
 * A sign-in to one page (`shop` or `console`), shared by its tabs.
 *
 * Tokens are kept in `sessionStorage`: they survive a
 * reload and the visit to a payment provider, and end with the last tab. A new tab gets them from an open one; signing
 * out ends all tabs' sessions (docs/decisions/0017).
 */
export class Session {
  private person: Signed;
  private readonly listeners = new Set<() => void>();
  private readonly channel: BroadcastChannel;
  private readonly prefix: string;
  private stuck = false;
  /** The sign-in library could not be loaded: a browser does not load a module again in the same page. */
  private isLost = false;
  private setup: TotpSetup | undefined;
  private library: Promise<typeof import("./auth")> | undefined;

  constructor(
    private readonly page: "shop" | "console",
    private readonly config: Config,
  ) {
    this.prefix = `millrun.${page}.session.`;
    this.channel = new BroadcastChannel(this.prefix);
    this.channel.onmessage = (event: MessageEvent<Message>) => void this.hear(event.data);
  }

  /** Finds the session of this tab or of another one. */
  async start(): Promise<void> {
    if (this.entries().length === 0) {
      this.say({ type: "ask" });
      await new Promise((resolve) => setTimeout(resolve, OTHER_TABS_MS));
    }
    for (let waits = RETRY_MS; this.person === undefined; waits = Math.min(waits * 2, RETRY_MAX_MS)) {
      try {
        await this.look();
        this.stall(false);
      } catch {
        // The sign-in library or the user pool cannot be reached: nobody knows yet who is signed in.
        this.stall(true);
        await new Promise((resolve) => setTimeout(resolve, this.isLost ? RELOAD_MS : waits));
        if (this.isLost) window.location.reload();
      }
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): Signed => this.person;

  /** Whether the session of this tab cannot be read at the moment; it is tried again. */
  readonly isStuck = (): boolean => this.stuck;

  /** Whether this tab holds a session, which may have expired. */
  readonly isRemembered = (): boolean => this.entries().length > 0;

  /** Loads the sign-in library ahead of its use. */
  readonly prepare = (): void => {
    // A failure is shown when it is needed.
    this.auth().catch(() => undefined);
  };

  /** An access token that is valid for a while, or undefined for a visitor. */
  async token(): Promise<string | undefined> {
    if (this.entries().length === 0) return undefined;
    const auth = await this.auth();
    const tokens = await auth.tokens().catch((cause: unknown) => {
      throw isNetworkError(cause) ? new ApiError("offline", 0) : cause;
    });
    if (!tokens) this.forget();
    return tokens?.access;
  }

  async signIn(email: string, password: string): Promise<SignInStep> {
    const auth = await this.auth();
    this.clear();
    const { nextStep } = await auth.signIn({ username: email, password });
    return this.step(nextStep);
  }

  /** Completes the step after `signIn`: a new password, or the code of an authenticator. */
  async answer(response: string): Promise<SignInStep> {
    return this.step((await (await this.auth()).confirmSignIn({ challengeResponse: response })).nextStep);
  }

  /** What to enter into an authenticator app, in the step `totp_setup`. */
  readonly authenticator = (email: string): Authenticator | undefined =>
    this.setup && { key: this.setup.sharedSecret, uri: this.setup.getSetupUri(this.config.shopName, email).toString() };

  async signUp(email: string, password: string): Promise<void> {
    await (await this.auth()).signUp({ username: email, password, options: { userAttributes: { email } } });
  }

  async confirmSignUp(email: string, code: string): Promise<void> {
    await (await this.auth()).confirmSignUp({ username: email, confirmationCode: code });
  }

  async resendCode(email: string): Promise<void> {
    await (await this.auth()).resendSignUpCode({ username: email });
  }

  async forgotPassword(email: string): Promise<void> {
    await (await this.auth()).resetPassword({ username: email });
  }

  async newPassword(email: string, code: string, password: string): Promise<void> {
    const reset = { username: email, confirmationCode: code, newPassword: password };
    await (await this.auth()).confirmResetPassword(reset);
  }

  /** Ends the session in all tabs, even when the user pool cannot be reached. */
  async signOut(): Promise<void> {
    const auth = await this.auth();
    this.say({ type: "over" });
    await auth.signOut().catch(() => undefined);
    this.end();
  }

  /** The session expired: this tab asks to sign in again, and keeps unfinished input. */
  readonly forget = (): void => {
    this.clear();
    this.set(null);
  };

  private async step(next: NextStep): Promise<SignInStep> {
    switch (next.signInStep) {
      case "DONE":
        await this.look();
        this.say({ type: "tell", entries: this.entries() });
        return "done";
      case "CONFIRM_SIGN_UP":
        return "confirm_sign_up";
      case "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED":
        return "new_password";
      case "CONFIRM_SIGN_IN_WITH_TOTP_CODE":
        return "totp";
      case "CONTINUE_SIGN_IN_WITH_TOTP_SETUP":
        this.setup = next.totpSetupDetails;
        return "totp_setup";
      case "RESET_PASSWORD":
        return "reset_password";
      default:
        throw new Error(`sign-in step ${next.signInStep} is not supported`);
    }
  }

  private async look(): Promise<void> {
    if (this.entries().length === 0) {
      this.set(null);
      return;
    }
    const tokens = await (await this.auth()).tokens();
    this.set(tokens ? { id: tokens.id, email: tokens.email, groups: tokens.groups } : null);
  }

  private async hear(message: Message): Promise<void> {
    if (message.type === "ask" && this.person) this.say({ type: "tell", entries: this.entries() });
    if (message.type === "over") this.end();
    if (message.type === "tell") {
      this.clear();
      for (const [key, value] of message.entries) sessionStorage.setItem(this.prefix + key, value);
      await this.look();
    }
  }

  private say(message: Message): void {
    this.channel.postMessage(message);
  }

  private end(): void {
    forgetPersonal();
    this.forget();
  }

  private stall(stuck: boolean): void {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    for (const listener of this.listeners) listener();
  }

  private set(person: Person | null): void {
    const before = this.person;
    if (person) this.own(person.id);
    if (before !== undefined && before?.id === person?.id) return;
    this.person = person;
    for (const listener of this.listeners) listener();
  }

  /** Deletes unfinished input of another user. */
  private own(id: string): void {
    const name = `millrun.${this.page}.owner`;
    const owner = sessionStorage.getItem(name);
    if (owner !== null && owner !== id) forgetPersonal();
    sessionStorage.setItem(name, id);
  }

  private auth(): Promise<typeof import("./auth")> {
    this.library ??= import("./auth").then(
      (auth) => {
        auth.configure(this.config, {
          get: (key) => sessionStorage.getItem(this.prefix + key),
          set: (key, value) => sessionStorage.setItem(this.prefix + key, value),
          remove: (key) => sessionStorage.removeItem(this.prefix + key),
          clear: () => this.clear(),
        });
        return auth;
      },
      () => {
        this.isLost = true;
        this.library = undefined;
        throw new ApiError("offline", 0);
      },
    );
    return this.library;
  }

  private entries(): [string, string][] {
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(this.prefix))
      .map((key) => [key.slice(this.prefix.length), sessionStorage.getItem(key) ?? ""]);
  }

  private clear(): void {
    for (const [key] of this.entries()) sessionStorage.removeItem(this.prefix + key);
  }
}

/** Amplify's name for a request that got no response. */
function isNetworkError(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "NetworkError";
}
