export interface Image {
  url: string;
  alt?: string | null;
}

/** A product's picture, or its initial on a colour derived from its id. */
export function Picture({ id, name, image, thumb = false, eager = false }: PictureProps) {
  return (
    <div className={thumb ? "picture thumb" : "picture"} style={{ "--hue": hue(id) } as React.CSSProperties}>
      {image ? (
        <img
          src={image.url}
          alt={thumb ? "" : (image.alt ?? name)}
          loading={eager ? "eager" : "lazy"}
          fetchPriority={eager ? "high" : "auto"}
          decoding="async"
        />
      ) : (
        <span className="initial" aria-hidden="true">
          {initial(name)}
        </span>
      )}
    </div>
  );
}

interface PictureProps {
  id: string;
  name: string;
  image?: Image | undefined;
  thumb?: boolean;
  eager?: boolean;
}

/** The first character as a reader counts (grapheme cluster). */
export function initial(name: string): string {
  const [first] = new Intl.Segmenter().segment(name.trim());
  return first?.segment.toLocaleUpperCase() ?? "";
}

/** A hue in degrees. */
export function hue(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 3_600;
  return sum % 360;
}
