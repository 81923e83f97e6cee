import type { Image } from "../parts/Picture";

/** The first picture of a product, an offer or an order line; undefined where there is none. */
export function imageOf(thing: object | undefined): Image | undefined {
  const { images, image } = (thing ?? {}) as { images?: readonly Image[]; image?: Image };
  return images?.[0] ?? image;
}
