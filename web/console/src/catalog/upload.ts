import { answered, ApiError, once, type Client, type components } from "@millrun/api";

type Schemas = components["schemas"];
export type ImageType = Schemas["ImageType"];

/** The shop's limits for an image; the shop checks them again. */
export const IMAGE_TYPES: readonly ImageType[] = ["image/jpeg", "image/png", "image/webp", "image/avif"];
export const IMAGE_BYTES_MAX = 5_242_880;
export const IMAGES_MAX = 10;

const TIMEOUT_MS = 120_000;

export type FileFault = "type" | "size";

/** The reason for which the shop would refuse a file; undefined if it would not. */
export function faultOf({ type, size }: Pick<File, "type" | "size">): FileFault | undefined {
  if (!IMAGE_TYPES.some((known) => known === type)) return "type";
  return size === 0 || size > IMAGE_BYTES_MAX ? "size" : undefined;
}

/** Uploads a file as the product's last image. Reports the progress, 0 to 1. */
export async function uploadImage(
  client: Client,
  product_id: string,
  file: File,
  progress: (part: number) => void,
): Promise<Schemas["ProductView"]> {
  const body = { content_type: file.type as ImageType, bytes: file.size };
  // Each selected file is a separate command: the same file may be uploaded twice.
  const slot = `${product_id}:${crypto.randomUUID()}`;
  const { image_id, upload } = await once(`upload_image:${slot}`, body, (key) =>
    answered(
      client.POST("/api/v1/admin/products/{product_id}/images", {
        params: { path: { product_id }, header: { "Idempotency-Key": key } },
        body,
      }),
    ),
  );
  await put(upload, file, progress);
  return once(`complete_image:${slot}`, { image_id }, (key) =>
    answered(
      client.POST("/api/v1/admin/products/{product_id}/images/{image_id}/complete", {
        params: { path: { product_id, image_id }, header: { "Idempotency-Key": key } },
      }),
    ),
  );
}

/** Sends the signed request. `fetch` does not report how much it has sent. */
function put(upload: Schemas["UploadView"], file: File, progress: (part: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(upload.method, upload.url);
    request.timeout = TIMEOUT_MS;
    for (const [name, value] of Object.entries(upload.headers)) {
      // A browser sets this one by itself, and refuses to let a page set it.
      if (name !== "content-length") request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new ApiError("image_not_uploaded", request.status));
    request.onerror = () => reject(new ApiError("offline", 0));
    request.ontimeout = () => reject(new ApiError("timeout", 0));
    request.send(file);
  });
}
