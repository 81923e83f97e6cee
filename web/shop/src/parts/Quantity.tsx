import { useWords, type Dictionary } from "@millrun/api";

const WORDS: Dictionary<{ less: string; more: string; quantity: string }> = {
  en: { less: "One less", more: "One more", quantity: "Quantity" },
  "zh-TW": { less: "減少一件", more: "增加一件", quantity: "數量" },
};

export function Quantity({ value, max, name, change }: QuantityProps) {
  const words = useWords(WORDS);
  return (
    <div className="quantity" role="group" aria-label={name ? `${words.quantity} · ${name}` : words.quantity}>
      <button type="button" aria-label={words.less} disabled={value <= 1} onClick={() => change(value - 1)}>
        −
      </button>
      <output aria-live="polite">{value}</output>
      <button type="button" aria-label={words.more} disabled={value >= max} onClick={() => change(value + 1)}>
        +
      </button>
    </div>
  );
}

interface QuantityProps {
  value: number;
  max: number;
  name?: string;
  change: (value: number) => void;
}
