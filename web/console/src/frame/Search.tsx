import { Input, type InputRef } from "antd";
import { useState, type RefObject } from "react";
import { useLocation } from "wouter";
import { searchOf, to } from "../kit/to";
import { useKitWords } from "../kit/useKitWords";

/** Searches orders by number, id, phone or e-mail; a single result opens (orders/Orders.tsx). */
export function Search({ input }: { input: RefObject<InputRef | null> }) {
  const words = useKitWords();
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const find = () => {
    const filters = searchOf(text);
    if (!filters) return;
    setText("");
    input.current?.blur();
    navigate(to.orders(filters), { state: { open: "alone" } });
  };
  return (
    <Input
      ref={input}
      type="search"
      className="search"
      aria-label={`${words.search}: ${words.searchHint}`}
      placeholder={words.searchHint}
      suffix={<kbd>/</kbd>}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={find}
      onKeyDown={(event) => {
        if (event.key === "Escape") input.current?.blur();
      }}
    />
  );
}
