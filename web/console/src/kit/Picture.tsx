/** A product's picture, or its initial on a colour derived from its id. */
export function Picture({
  id,
  name,
  url,
  size = 32,
}: {
  id: string;
  name: string;
  url?: string | undefined;
  size?: number;
}) {
  if (url) return <img className="picture" src={url} alt="" width={size} height={size} loading="lazy" />;
  const hue = Number.parseInt(id.slice(-4), 16) % 360;
  return (
    <span
      className="picture picture-initial"
      aria-hidden="true"
      style={{ width: size, height: size, "--hue": String(hue), fontSize: size * 0.45 } as React.CSSProperties}
    >
      {Array.from(name)[0]?.toUpperCase()}
    </span>
  );
}
