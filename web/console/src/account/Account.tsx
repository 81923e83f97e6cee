import { useShop, useWords, type Person } from "@millrun/api";
import { Button } from "antd";
import { WORDS } from "./words";

export function Account({ person }: { person: Person }) {
  const { session } = useShop();
  const words = useWords(WORDS);
  return (
    <main>
      <p>{person.email}</p>
      <p>{words.groups(person.groups)}</p>
      <Button onClick={() => void session.signOut()}>{words.signOut}</Button>
    </main>
  );
}
