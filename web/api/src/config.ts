/** Settings of the pages: the deployment writes them to `/config.json` from the stack's outputs. */
export interface Config {
  /** The user pool's region. */
  region: string;
  userPoolId: string;
  userPoolClientId: string;
  /** Endpoint of the user pool; absent on AWS, where it follows from the region. */
  userPoolEndpoint?: string;
  shopName: string;
  /** ISO 4217. */
  currency: string;
  /** The language for browsers that ask for none of the supported languages. */
  language: string;
  /** IANA name of the zone in which the shop's days begin. */
  timeZone: string;
}

const REQUIRED = ["region", "userPoolId", "userPoolClientId", "shopName", "currency", "language", "timeZone"] as const;

export async function loadConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  return parseConfig(await response.json());
}

export function parseConfig(value: unknown): Config {
  if (typeof value !== "object" || value === null) throw new Error("/config.json is not an object");
  const fields = value as Record<string, unknown>;
  for (const name of REQUIRED) {
    if (typeof fields[name] !== "string" || fields[name] === "") throw new Error(`/config.json lacks ${name}`);
  }
  return fields as unknown as Config;
}
