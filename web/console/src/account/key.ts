/** An authenticator's key as people read it out: in groups of four. */
export function inGroups(key: string): string {
  return key.match(/.{1,4}/g)?.join(" ") ?? "";
}
