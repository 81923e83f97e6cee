import { useWords } from "@millrun/api";
import { WORDS } from "./words";

export function useKitWords() {
  return useWords(WORDS);
}
