import { useWords } from "@millrun/api";
import { useState } from "react";
import { Picture } from "../parts/Picture";
import type { Product } from "./reads";
import { WORDS } from "./words";

/** A product's pictures: one of them large, and all of them to choose from. */
export function Gallery({ product: { product_id, name, images } }: { product: Product }) {
  const words = useWords(WORDS);
  const [chosen, choose] = useState<string>();
  const shown = images.find(({ image_id }) => image_id === chosen) ?? images[0];
  return (
    <div className="gallery">
      <Picture id={product_id} name={name} image={shown} eager />
      {images.length > 1 && (
        <ul className="thumbs" aria-label={words.pictures}>
          {images.map((image, place) => (
            <li key={image.image_id}>
              <button
                type="button"
                aria-label={image.alt ?? words.picture(place + 1, images.length)}
                aria-pressed={image === shown}
                onClick={() => choose(image.image_id)}
              >
                <Picture id={product_id} name={name} image={image} thumb />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
