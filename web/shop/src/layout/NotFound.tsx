import { useWords } from "@millrun/api";
import { Empty } from "../parts/Empty";
import { WORDS } from "./words";

export function NotFound() {
  const words = useWords(WORDS);
  return (
    <>
      <h1 className="hidden">{words.notFound}</h1>
      <Empty title={words.notFound} text={words.notFoundText} to="/" step={words.toShop} />
    </>
  );
}
