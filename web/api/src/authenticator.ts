/** The authenticator app (TOTP) of the signed-in user. Imported after signing in only, which has configured Amplify. */
import { fetchMFAPreference, setUpTOTP, updateMFAPreference, verifyTOTPSetup } from "aws-amplify/auth";

/** What an authenticator app needs: the key to type, and the same as an address that apps open. */
export interface Authenticator {
  key: string;
  uri: string;
}

/** Whether signing in asks for a code. */
export async function isInUse(): Promise<boolean> {
  const { enabled } = await fetchMFAPreference();
  return enabled?.includes("TOTP") ?? false;
}

/** A new key. Signing in asks for its codes once one of them was confirmed. */
export async function begin(shop: string, email: string): Promise<Authenticator> {
  const details = await setUpTOTP();
  return { key: details.sharedSecret, uri: details.getSetupUri(shop, email).toString() };
}

export async function confirm(code: string): Promise<void> {
  await verifyTOTPSetup({ code });
  await updateMFAPreference({ totp: "PREFERRED" });
}
