import { useWords, type components } from "@millrun/api";
import { useSearchParams } from "wouter";
import { useCategories } from "./reads";
import { WORDS } from "./words";

type Sort = components["schemas"]["ProductSort"];

const SORTS: readonly Sort[] = ["newest", "price_asc", "price_desc"];
const TEXT_MAX = 100;

export interface Filters {
  q?: string;
  category?: string;
  sort?: Sort;
}

/** The search, kept in the URL so that it can be bookmarked and shared. */
export function useFilters(): Filters {
  const [search] = useSearchParams();
  const q = search.get("q")?.slice(0, TEXT_MAX);
  const category = search.get("category");
  const sort = SORTS.find((each) => each === search.get("sort"));
  return { ...(q && { q }), ...(category && { category }), ...(sort && { sort }) };
}

export function FilterBar({ filters }: { filters: Filters }) {
  const words = useWords(WORDS);
  const categories = useCategories();
  const [, setSearch] = useSearchParams();
  const set = (name: keyof Filters, value: string) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  return (
    <form
      className="finder"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get("q");
        set("q", typeof text === "string" ? text.trim() : "");
      }}
    >
      <div className="field">
        <label htmlFor="find">{words.find}</label>
        <input
          id="find"
          key={filters.q ?? ""}
          type="search"
          name="q"
          maxLength={TEXT_MAX}
          enterKeyHint="search"
          placeholder={words.findHint}
          defaultValue={filters.q ?? ""}
          onBlur={(event) => set("q", event.target.value.trim())}
        />
      </div>
      {categories.length > 0 && (
        <Select
          name="category"
          label={words.category}
          value={filters.category ?? ""}
          options={[["", words.allCategories], ...categories.map((each) => [each, each] as const)]}
          set={set}
        />
      )}
      <Select
        name="sort"
        label={words.sort}
        value={filters.sort ?? ""}
        options={[["", words.sorts.best], ...SORTS.map((each) => [each, words.sorts[each]] as const)]}
        set={set}
      />
    </form>
  );
}

interface SelectProps {
  name: keyof Filters;
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  set: (name: keyof Filters, value: string) => void;
}

function Select({ name, label, value, options, set }: SelectProps) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <select id={name} value={value} onChange={(event) => set(name, event.target.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
