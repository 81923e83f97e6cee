import { answered, useShop, useWords, type components } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useRef, useState } from "react";
import { useMay } from "../kit/access";
import { Command } from "../kit/Command";
import { TextField } from "../kit/Fields";
import { Panel } from "../kit/Page";
import { Picture } from "../kit/Picture";
import { Progress } from "../kit/Progress";
import { Refusal } from "../kit/Refusal";
import type { Product } from "./api";
import { faultOf, IMAGE_TYPES, IMAGES_MAX, uploadImage } from "./upload";
import { WORDS } from "./words";

type Image = components["schemas"]["ImageView"];

/** Uploads, orders, describes and removes a product's images. Lists show the first one. */
export function Images({ product }: { product: Product }) {
  const words = useWords(WORDS);
  const may = useMay();
  const { product_id, name, images } = product;
  return (
    <Panel
      title={words.images}
      extra={may("upload_image") && images.length < IMAGES_MAX && <Upload product={product} />}
    >
      {images.length === 0 ? (
        <div className="pictures">
          <Picture id={product_id} name={name} size={64} />
          <p className="muted">{words.noImages}</p>
        </div>
      ) : (
        <ul className="pictures">
          {images.map((image, place) => (
            <li key={image.image_id}>
              <img src={image.url} alt={image.alt ?? name} className="picture" width={120} height={90} />
              <p className="muted">{image.alt ?? words.image.noAlt}</p>
              {may("arrange_images") && <Tools product={product} place={place} />}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Sets the order and the texts of a product's images. */
function useArrange(product_id: string) {
  const { client } = useShop();
  return (images: readonly Image[]) =>
    answered(
      client.PUT("/api/v1/admin/products/{product_id}/images", {
        params: { path: { product_id } },
        body: { images: images.map(({ image_id, alt }) => (alt ? { image_id, alt } : { image_id })) },
      }),
    );
}

function Tools({ product, place }: { product: Product; place: number }) {
  const words = useWords(WORDS).image;
  const arrange = useArrange(product.product_id);
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { product_id, images } = product;
  const image = images[place];
  const refresh = [["products"], ["product", product_id]];
  const move = useMutation({
    mutationFn: () => arrange(swapped(images, place)),
    onSuccess: () => Promise.all(refresh.map((queryKey) => queries.invalidateQueries({ queryKey }))),
    onError: () => void message.error(words.notMoved),
  });
  if (!image) return null;
  const others = images.filter((other) => other !== image);
  return (
    <div className="row-actions">
      {place > 0 && (
        <Button size="small" loading={move.isPending} onClick={() => move.mutate()}>
          {words.forward}
        </Button>
      )}
      <Command<{ alt?: string }, unknown>
        command="arrange_images"
        subject={`alt:${image.image_id}`}
        size="small"
        label={words.describe}
        title={words.describe}
        initial={{ alt: image.alt ?? "" }}
        fields={() => <TextField name="alt" label={words.alt} help={words.altHelp} max={200} optional autoFocus />}
        effect={() => words.describeEffect}
        confirm={() => words.describeConfirm}
        send={({ alt = "" }) =>
          arrange(images.map((other) => (other === image ? { ...other, alt: alt.trim() } : other)))
        }
        done={() => words.described}
        refresh={refresh}
      />
      <Command<object, unknown>
        command="arrange_images"
        subject={`remove:${image.image_id}`}
        kind="danger"
        size="small"
        label={words.remove}
        title={words.remove}
        effect={() => words.removeEffect(others.length)}
        confirm={() => words.removeConfirm}
        send={() => arrange(others)}
        done={() => words.removed}
        refresh={refresh}
      />
    </div>
  );
}

/** The images with this one and the one before it exchanged. */
export function swapped<T>(images: readonly T[], place: number): T[] {
  const moved = [...images];
  moved.splice(place - 1, 0, ...moved.splice(place, 1));
  return moved;
}

function Upload({ product: { product_id, images } }: { product: Product }) {
  const { client } = useShop();
  const words = useWords(WORDS).image;
  const queries = useQueryClient();
  const { message } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const [part, setPart] = useState(0);
  const upload = useMutation({
    mutationFn: async (files: readonly File[]) => {
      for (const file of files) {
        setPart(0);
        await uploadImage(client, product_id, file, setPart);
      }
      return files.length;
    },
    onSuccess: (count) => void message.success(words.uploaded(count), 6),
    // Some of several files may be listed although a later one was refused.
    onSettled: () =>
      Promise.all([["products"], ["product", product_id]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const take = (chosen: FileList | null) => {
    const files = [...(chosen ?? [])].slice(0, IMAGES_MAX - images.length);
    const faults = files.map(faultOf);
    const fault = faults.find((found) => found !== undefined);
    if (fault) void message.error(words.fault[fault], 8);
    else if (files.length > 0) upload.mutate(files);
  };
  return (
    <div className="upload">
      {upload.isPending && <Progress value={Math.round(part * 100)} threshold={100} label={words.uploading} />}
      <input
        ref={input}
        type="file"
        accept={IMAGE_TYPES.join(",")}
        multiple
        hidden
        onChange={(event) => {
          take(event.target.files);
          // The same file can be chosen again.
          event.target.value = "";
        }}
      />
      <Button loading={upload.isPending} onClick={() => input.current?.click()}>
        {words.upload}
      </Button>
      {upload.isError && <Refusal failure={upload.error} />}
    </div>
  );
}
