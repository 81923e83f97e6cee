import { Input, Select } from "antd";
import { useSearchParams } from "wouter";
import { useKitWords } from "./useKitWords";

/** Filters kept in the address bar, so that a list can be bookmarked, shared and returned to. */
export function useFilters<K extends string>(names: readonly K[]) {
  const [params, setParams] = useSearchParams();
  const values: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = params.get(name);
    if (value) values[name] = value;
  }
  const set = (changes: Partial<Record<K, string | undefined>>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries<string | undefined>(changes)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  const clear = () => set(Object.fromEntries(names.map((name) => [name, undefined])) as Partial<Record<K, undefined>>);
  return { values, set, clear, any: Object.keys(values).length > 0 };
}

interface OneOfProps<T extends string> {
  label: string;
  value: string | undefined;
  options: Record<T, string>;
  onChange: (value: T | undefined) => void;
}

export function OneOf<T extends string>({ label, value, options, onChange }: OneOfProps<T>) {
  const words = useKitWords();
  return (
    <Select<string>
      aria-label={label}
      className="filter"
      value={value ?? ""}
      popupMatchSelectWidth={false}
      onChange={(next) => onChange(next === "" ? undefined : (next as T))}
      options={[
        { value: "", label: `${label}: ${words.all}` },
        ...Object.entries<string>(options).map(([key, text]) => ({ value: key, label: text })),
      ]}
    />
  );
}

interface TextFilterProps {
  label: string;
  value: string | undefined;
  type?: "search" | "date";
  onChange: (value: string | undefined) => void;
}

/** Applied on Enter or on blur, not at each key. */
export function TextFilter({ label, value = "", type = "search", onChange }: TextFilterProps) {
  const isDate = type === "date";
  const apply = (next: string) => {
    if (next.trim() !== value) onChange(next.trim() || undefined);
  };
  return (
    <Input
      key={value}
      type={isDate ? "date" : "text"}
      aria-label={label}
      placeholder={label}
      {...(isDate && { prefix: label })}
      className="filter"
      defaultValue={value}
      allowClear={!isDate}
      onChange={(event) => {
        if (isDate || event.target.value === "") apply(event.target.value);
      }}
      onPressEnter={(event) => apply(event.currentTarget.value)}
      onBlur={(event) => apply(event.target.value)}
    />
  );
}
