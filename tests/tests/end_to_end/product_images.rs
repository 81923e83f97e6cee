//! A product's image, from the signed upload to the site's address and to its deletion.

use crate::shop::{Shop, now};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// A PNG of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Sends a signed upload, from a client without credentials. Returns the status.
async fn send(shop: &Shop, upload: &Value, content_type: &str, file: &[u8]) -> u16 {
    let url = upload["url"].as_str().unwrap();
    assert_eq!(upload["method"], "PUT");
    let request = shop.http.put(url).header("content-type", content_type).body(file.to_vec());
    request.send().await.unwrap_or_else(|error| panic!("the upload: {error:?}")).status().as_u16()
}

/// Reads a path at the site's address.
async fn read(shop: &Shop, path: &str) -> (u16, HeaderMap, Vec<u8>) {
    // By the host's name in the request, because not every program resolves names that end in `.localhost`.
    let host = shop.about.shop_url.trim_start_matches("http://");
    let request = shop.http.get(format!("{}{path}", shop.about.endpoint)).header("host", host);
    let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

pub(crate) async fn an_image_is_uploaded_served_at_the_sites_address_and_deleted_after_its_removal(shop: &Shop) {
    let (goods, file) = (shop.goods(1).await, BASE64_STANDARD.decode(PNG).unwrap());
    let images = format!("/admin/products/{}/images", goods.product);
    let body = json!({"content_type": "image/png", "bytes": file.len(), "alt": "A dot"});
    let begun = shop.post(&images, &body).by(shop.admin()).send().await.expect(201);
    let (image, upload) = (begun["image_id"].as_str().unwrap(), &begun["upload"]);
    let headers: Vec<&String> = upload["headers"].as_object().unwrap().keys().collect();
    assert_eq!(
        headers,
        ["content-length", "content-type"],
        "a header that no browser needs, or may send, is not listed"
    );
    let complete = format!("{images}/{image}/complete");
    drop(shop.post(&complete, &json!({})).by(shop.admin()).send().await.refused(409, "image_not_uploaded"));
    let longer = [file.as_slice(), b"\0"].concat();
    assert_eq!(send(shop, upload, "text/html", &file).await, 403, "another type");
    assert_eq!(send(shop, upload, "image/png", &longer).await, 403, "another length");
    assert_eq!(send(shop, upload, "image/png", &file).await, 200);
    let url = format!("/media/{image}.png");
    assert_ne!(read(shop, &url).await.0, 200, "served before it was checked");
    let listed = shop.post(&complete, &json!({})).by(shop.admin()).send().await.expect(200);
    let shown = json!([{"image_id": image, "url": url, "alt": "A dot", "width": 1, "height": 1}]);
    assert_eq!(listed["images"], shown);
    assert_eq!(shop.get(&format!("/products/{}", goods.product)).send().await.expect(200)["images"], shown);
    let (status, headers, bytes) = read(shop, &url).await;
    assert_eq!((status, bytes == file), (200, true), "the very bytes that were uploaded");
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_ne!(read(shop, &format!("/uploads/{image}")).await.2, file, "an upload is never served");
    let arranged = shop.ask("PUT", &images).json(&json!({"images": []})).by(shop.admin()).send().await.expect(200);
    assert_eq!(arranged["images"], json!([]));
    assert_eq!(read(shop, &url).await.0, 200, "caches and open pages still show it");
    shop.tick("delete_images", now() + SignedDuration::from_hours(25)).await;
    assert_ne!(read(shop, &url).await.0, 200, "deleted a day after its removal");
}
