/**
 * Unfinished input of a user in this tab. It survives a reload and the expiry of the session, and is deleted when the
 * user signs out or another one signs in.
 */
const PREFIX = "millrun.personal.";

export function readPersonal<T>(name: string): T | undefined {
  const text = sessionStorage.getItem(PREFIX + name);
  return text === null ? undefined : (JSON.parse(text) as T);
}

export function writePersonal(name: string, value: unknown): void {
  sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
}

export function removePersonal(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

export function forgetPersonal(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
