const SHAPES = {
  menu: "M3 5h14M3 10h14M3 15h14",
  down: "M5 8l5 5 5-5",
  check: "M4 10.5l4 4 8-9",
} as const;

/** An icon in the color of its text. It is an SVG, because not every font has such characters. */
export function Icon({ shape }: { shape: keyof typeof SHAPES }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={SHAPES[shape]} />
    </svg>
  );
}
