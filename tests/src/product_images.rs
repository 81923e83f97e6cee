//! Uploads of product images.

use crate::fixtures::text;
use crate::shop::Shop;
use serde_json::{Value, json};

/// The header of a PNG of this size in pixels.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    // 8 bits of red, green, blue and alpha; an unused checksum.
    file.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    file
}

impl Shop {
    /// Requests the upload of a file as a PNG.
    pub async fn begin_upload(&self, product: &str, file: &[u8]) -> Value {
        let body = json!({"content_type": "image/png", "bytes": file.len(), "alt": "A cup"});
        self.admin().post(&format!("/admin/products/{product}/images"), &body).await.expect(201)
    }

    /// Requests the upload of a file as a PNG, and uploads it. Returns the image's id.
    pub async fn uploaded(&self, product: &str, file: &[u8]) -> String {
        let begun = self.begin_upload(product, file).await;
        assert_eq!(self.aws.send_upload(&begun["upload"], "image/png", file, self.now()), 200);
        text(&begun, "image_id")
    }

    /// Lists a PNG of 3 × 2 pixels. Returns the image's id.
    pub async fn image_of(&self, product: &str) -> String {
        let image = self.uploaded(product, &png(3, 2)).await;
        self.admin().post(&completion(product, &image), &json!({})).await.expect(200);
        image
    }
}

/// The path that completes an upload.
pub fn completion(product: &str, image: &str) -> String {
    format!("/admin/products/{product}/images/{image}/complete")
}
