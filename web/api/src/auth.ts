/** The user pool, by AWS Amplify. Imported at the first sign-in only, so that visitors do not load it. */
import { Amplify } from "aws-amplify";
import {
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  resendSignUpCode,
  resetPassword,
  signIn,
  signOut,
  signUp,
  type SignInOutput,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import type { Config } from "./config";

export { confirmResetPassword, confirmSignIn, confirmSignUp, resendSignUpCode, resetPassword, signIn, signOut, signUp };

export interface Tokens {
  access: string;
  id: string;
  email: string;
  groups: string[];
}

export type NextStep = SignInOutput["nextStep"];
type TotpStep = Extract<NextStep, { signInStep: "CONTINUE_SIGN_IN_WITH_TOTP_SETUP" }>;
export type TotpSetup = TotpStep["totpSetupDetails"];

interface Store {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
  clear: () => void;
}

export function configure(config: Config, store: Store): void {
  const { userPoolId, userPoolClientId, userPoolEndpoint } = config;
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId, ...(userPoolEndpoint ? { userPoolEndpoint } : {}) } },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    getItem: (key) => Promise.resolve(store.get(key)),
    setItem: async (key, value) => store.set(key, value),
    removeItem: async (key) => store.remove(key),
    clear: async () => store.clear(),
  });
}

/** The tokens of the session, refreshed shortly before they expire; undefined when the session has ended. */
export async function tokens(): Promise<Tokens | undefined> {
  const session = await fetchAuthSession();
  const access = session.tokens?.accessToken;
  const id = session.tokens?.idToken;
  if (!access || !id) return undefined;
  const groups = access.payload["cognito:groups"];
  return {
    access: access.toString(),
    id: id.payload.sub ?? "",
    email: typeof id.payload.email === "string" ? id.payload.email : "",
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [],
  };
}
