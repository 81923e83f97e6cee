import { useWords } from "@millrun/api";
import { STATUS_WORDS, TONES, type StatusKinds, type Tone } from "./status";

export function Dot({ tone, children }: { tone: Tone; children: string }) {
  return <span className={`dot dot-${tone}`}>{children}</span>;
}

/** A status as text, with a dot whose colour shows whether staff have to act. */
export function Status<K extends keyof StatusKinds>({ kind, value }: { kind: K; value: StatusKinds[K] }) {
  const words = useWords(STATUS_WORDS);
  return <Dot tone={TONES[kind][value]}>{words[kind][value]}</Dot>;
}

export function useStatusWords() {
  return useWords(STATUS_WORDS);
}
