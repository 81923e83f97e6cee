//! Images of products: signed uploads that are checked by their bytes, their order, and the deletion of what nothing lists.

use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use tests::fixtures::text;
use tests::preorders::terms;
use tests::product_images::{completion, png};
use tests::{Caller, Fault, Rule, Shop};

async fn images(shop: &Shop, product: &str) -> Vec<Value> {
    let found = shop.admin().get(&format!("/admin/products/{product}")).await.expect(200);
    found["images"].as_array().unwrap().clone()
}

async fn ids(shop: &Shop, product: &str) -> Vec<String> {
    images(shop, product).await.iter().map(|image| text(image, "image_id")).collect()
}

fn served(shop: &Shop) -> Vec<String> {
    shop.aws.media().into_keys().filter(|key| key.starts_with("media/")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_for_an_upload_gets_a_url_that_is_valid_again() {
    let shop = Shop::open();
    let (product, file) = (shop.offered(&terms(3)).await.product, png(3, 2));
    let path = format!("/admin/products/{product}/images");
    let body = json!({"content_type": "image/png", "bytes": file.len(), "alt": "A cup"});
    let admin = shop.admin();
    let first = admin.post_once("upload-1", &path, &body).await.expect(201);
    shop.advance(SignedDuration::from_mins(20));
    assert_eq!(shop.aws.send_upload(&first["upload"], "image/png", &file, shop.now()), 403, "its URL is out of date");
    let again = admin.post_once("upload-1", &path, &body).await.expect(201);
    assert_eq!(again["image_id"], first["image_id"]);
    assert_eq!(shop.aws.send_upload(&again["upload"], "image/png", &file, shop.now()), 200);
}

#[tokio::test(start_paused = true)]
async fn an_uploaded_image_is_checked_and_shown_wherever_its_product_is() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(3)).await;
    let (admin, visitor, product) = (shop.admin(), shop.session(Caller::Nobody), &offered.product);
    let file = png(640, 480);
    let begun = shop.begin_upload(product, &file).await;
    let (image, upload) = (text(&begun, "image_id"), &begun["upload"]);
    assert_eq!(upload["method"], "PUT");
    assert_eq!(upload["headers"], json!({"content-type": "image/png", "content-length": file.len().to_string()}));
    assert_eq!(upload["expires_at"], json!(shop.now() + SignedDuration::from_mins(15)));
    let complete = completion(product, &image);
    admin.post(&complete, &json!({})).await.refused(409, "image_not_uploaded");
    assert_eq!(shop.aws.send_upload(upload, "image/png", &file, shop.now()), 200);
    assert_eq!((images(&shop, product).await, served(&shop)), (Vec::new(), Vec::new()), "nothing is shown unchecked");
    let listed = admin.post(&complete, &json!({})).await.expect(200);
    let key = format!("media/{image}.png");
    let shown = json!({"image_id": image, "url": format!("/{key}"), "alt": "A cup", "width": 640, "height": 480});
    assert_eq!(listed["images"], json!([shown]));
    let object = shop.aws.media().remove(&key).unwrap();
    assert_eq!((object.bytes, object.content_type.as_str()), (file.clone(), "image/png"));
    assert_eq!(object.cache_control, "public, max-age=31536000, immutable");
    assert_eq!(admin.post(&complete, &json!({})).await.expect(200), listed, "a repeated request changes nothing");
    // A file that replaces the upload later is not what was checked.
    assert_eq!(shop.aws.send_upload(upload, "image/png", &png(1, 999_999)[..file.len()], shop.now()), 200);
    admin.post(&complete, &json!({})).await.expect(200);
    assert_eq!(shop.aws.media()[&key].bytes, file);
    shop.advance(SignedDuration::from_secs(6));
    shop.dispatch_events().await;
    assert_eq!(visitor.get(&format!("/products/{product}")).await.expect(200)["images"], json!([shown]));
    let page = visitor.get("/products").await.expect(200);
    assert_eq!(page["items"][0]["images"], json!([shown]));
    assert_eq!(admin.get("/admin/products").await.expect(200)["items"][0]["images"], json!([shown]));
    let window = visitor.get(&format!("/sell-windows/{}", offered.window)).await.expect(200);
    assert_eq!(window["offers"][0]["image"], shown);
    let ann = shop.customer("ann");
    ann.charge(1_000_000).await.expect(200);
    let variant = text(&page["items"][0]["variants"][0], "variant_id");
    admin.post(&format!("/admin/variants/{variant}/stock"), &json!({"delta": 5, "reason": "A"})).await.expect(200);
    let order = ann.order(&variant, 1).await;
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    shop.tick("refresh_best_sellers").await;
    assert_eq!(visitor.get("/products/best-sellers").await.expect(200)["items"][0]["image"], shown);
    let activity = admin.get(&format!("/admin/activity?subject={product}")).await.expect(200);
    let actions: Vec<&Value> = activity["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert!(actions.contains(&&json!("upload_image")) && actions.contains(&&json!("complete_image")), "{actions:?}");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_storage_takes_the_declared_type_and_length_only_and_not_for_long() {
    let shop = Shop::open();
    let (product, file) = (shop.product("tea").await, png(3, 2));
    let begun = shop.begin_upload(&product, &file).await;
    let upload = &begun["upload"];
    let longer = [file.as_slice(), &[0]].concat();
    let late = shop.now() + SignedDuration::from_secs(15 * 60 + 1);
    let mut elsewhere = upload.clone();
    elsewhere["url"] = json!(text(upload, "url").replace("uploads", "media"));
    assert_eq!(shop.aws.send_upload(upload, "image/svg+xml", &file, shop.now()), 403);
    assert_eq!(shop.aws.send_upload(upload, "image/png", &longer, shop.now()), 403);
    assert_eq!(shop.aws.send_upload(upload, "image/png", &file[1..], shop.now()), 403);
    assert_eq!(shop.aws.send_upload(upload, "image/png", &file, late), 403);
    assert_eq!(shop.aws.send_upload(&elsewhere, "image/png", &file, shop.now()), 403);
    assert!(shop.aws.media().is_empty());
    assert_eq!(shop.aws.send_upload(upload, "image/png", &file, shop.now()), 200);
    let (admin, path) = (shop.admin(), format!("/admin/products/{product}/images"));
    let body = |field: &str, value: Value| {
        let mut body = json!({"content_type": "image/webp", "bytes": 5_242_880, "alt": "A cup"});
        body[field] = value;
        body
    };
    for (field, bad) in [
        ("content_type", json!("image/gif")),
        ("content_type", json!("image/svg+xml")),
        ("content_type", json!("image/PNG")),
        ("bytes", json!(0)),
        ("bytes", json!(5_242_881)),
        ("bytes", json!(1.5)),
        ("alt", json!("")),
        ("alt", json!("x".repeat(201))),
        ("name", json!("cup.png")),
    ] {
        admin.post(&path, &body(field, bad)).await.refused(422, "invalid_request");
    }
    admin.post(&path, &body("bytes", json!(5_242_880))).await.expect(201);
    let unknown = "01a1c39c-de00-7a10-8b20-000000000abc";
    admin
        .post(&format!("/admin/products/{unknown}/images"), &body("bytes", json!(5)))
        .await
        .refused(404, "product_not_found");
    admin.post(&completion(unknown, &text(&begun, "image_id")), &json!({})).await.refused(404, "product_not_found");
    let other = shop.product("coffee").await;
    for (product, image) in [(&product, unknown), (&product, "cup"), (&other, begun["image_id"].as_str().unwrap())] {
        admin.post(&completion(product, image), &json!({})).await.refused(404, "image_not_found");
    }
    shop.advance(SignedDuration::from_secs(3_601));
    admin.post(&completion(&product, &text(&begun, "image_id")), &json!({})).await.refused(404, "image_not_found");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_the_declared_image_is_refused_and_never_served() {
    let shop = Shop::open();
    let (product, admin) = (shop.product("tea").await, shop.admin());
    for (file, code) in [
        (b"<html><script>alert(1)</script></html>".to_vec(), "image_not_as_declared"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "image_not_as_declared"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), "image_not_as_declared"),
        (png(3, 2)[..18].to_vec(), "image_unreadable"),
        (png(0, 2), "image_unreadable"),
        (png(5_001, 5_000), "image_too_large"),
    ] {
        let image = shop.uploaded(&product, &file).await;
        for _ in 0..2 {
            admin.post(&completion(&product, &image), &json!({})).await.refused(422, code);
        }
    }
    assert_eq!((images(&shop, &product).await, served(&shop)), (Vec::new(), Vec::new()));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_admin_orders_describes_and_removes_images_whose_files_are_deleted_a_day_later() {
    let shop = Shop::open();
    let (product, admin) = (shop.product("tea").await, shop.admin());
    let (first, second) = (shop.image_of(&product).await, shop.image_of(&product).await);
    let third = shop.image_of(&product).await;
    let path = format!("/admin/products/{product}/images");
    let wanted = json!({"images": [{"image_id": third, "alt": "茶壺"}, {"image_id": first}]});
    let arranged = admin.put(&path, &wanted).await.expect(200);
    assert_eq!(arranged["images"], json!(images(&shop, &product).await));
    let seen: Vec<(String, Option<&str>)> = arranged["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| (text(image, "image_id"), image["alt"].as_str()))
        .collect();
    assert_eq!(seen, [(third.clone(), Some("茶壺")), (first.clone(), None)]);
    // An image that was removed does not come back, and its file stays for a day.
    admin.post(&completion(&product, &second), &json!({})).await.refused(404, "image_not_found");
    admin.put(&path, &json!({"images": [{"image_id": second}]})).await.refused(404, "image_not_found");
    shop.advance(SignedDuration::from_hours(23));
    shop.tick("delete_images").await;
    assert_eq!(served(&shop).len(), 3);
    shop.advance(SignedDuration::from_hours(1));
    shop.tick("delete_images").await;
    let mut kept = [&first, &third].map(|image| format!("media/{image}.png"));
    kept.sort();
    assert_eq!(served(&shop), kept);
    for bad in [
        json!({"images": [{"image_id": first}, {"image_id": first}]}),
        json!({"images": [{"image_id": "cup"}]}),
        json!({"images": [{"image_id": first, "alt": " "}]}),
        json!({"images": [{"image_id": first, "url": "/media/x.png"}]}),
        json!({"images": vec![json!({"image_id": first}); 11]}),
        json!({"images": [[first]]}),
        json!({}),
    ] {
        admin.put(&path, &bad).await.refused(422, "invalid_request");
    }
    admin.put(&path, &json!({"images": []})).await.expect(200);
    assert!(images(&shop, &product).await.is_empty());
    shop.image_of(&product).await;
    assert_eq!(images(&shop, &product).await.len(), 1, "an empty list takes images again");
    let unknown = "/admin/products/01a1c39c-de00-7a10-8b20-000000000abc/images";
    admin.put(unknown, &json!({"images": []})).await.refused(404, "product_not_found");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_product_has_at_most_ten_images_however_many_are_completed_at_once() {
    let shop = Shop::open();
    let (product, admin) = (shop.product("tea").await, shop.admin());
    for _ in 0..8 {
        shop.image_of(&product).await;
    }
    let mut uploads = Vec::new();
    for _ in 0..3 {
        uploads.push(shop.uploaded(&product, &png(3, 2)).await);
    }
    // The first one twice: it is listed once.
    uploads.push(uploads[0].clone());
    shop.aws.shuffle(1);
    let replies = futures_util::future::join_all(uploads.iter().map(|image| {
        let (admin, path) = (admin.clone(), completion(&product, image));
        async move { admin.post(&path, &json!({})).await.word() }
    }))
    .await;
    assert!(replies.iter().all(|word| ["200", "image_limit_reached", "busy"].contains(&word.as_str())), "{replies:?}");
    for image in &uploads {
        let word = admin.post(&completion(&product, image), &json!({})).await.word();
        assert!(["200", "image_limit_reached"].contains(&word.as_str()), "{word}");
    }
    let mut listed = ids(&shop, &product).await;
    assert_eq!(listed.len(), 10);
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), 10, "each once");
    let body = json!({"content_type": "image/png", "bytes": 5});
    admin.post(&format!("/admin/products/{product}/images"), &body).await.refused(409, "image_limit_reached");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_image_is_listed_once_with_its_file_under_any_fault_of_the_storage() {
    let faults = [
        Fault::KilledBefore,
        Fault::KilledAfter,
        Fault::AnswerLost,
        Fault::Undelivered,
        Fault::Broken,
        Fault::Delayed(Duration::from_secs(30)),
    ];
    for operation in ["GetObject", "PutObject"] {
        for fault in &faults {
            let shop = Shop::open();
            let product = shop.product("tea").await;
            let image = shop.uploaded(&product, &png(3, 2)).await;
            let is_killed = matches!(fault, Fault::KilledBefore | Fault::KilledAfter);
            // The SDK's three attempts fail.
            let times = if is_killed { 1 } else { 3 };
            shop.inject(Rule::next(operation, fault.clone()).by("complete_image").times(times));
            let (admin, path) = (shop.admin(), completion(&product, &image));
            let send = || admin.send_killable("POST", &path, Some("key"), Some(b"{}".to_vec()));
            let reply = send().await;
            shop.aws.assert_faults_hit();
            assert!(reply.is_none_or(|reply| reply.status == 503), "{operation} {fault:?}");
            assert!(images(&shop, &product).await.is_empty(), "{operation} {fault:?}");
            assert_eq!(send().await.unwrap().expect(200)["images"][0]["image_id"], json!(image));
            assert_eq!(served(&shop).len(), 1);
            shop.run_to_quiescence().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn files_that_nothing_lists_are_deleted_under_any_fault_and_no_other_ones() {
    let faults = [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Broken, Fault::Throttled];
    for operation in ["Query", "DeleteObject", "DeleteItem"] {
        for fault in &faults {
            let shop = Shop::open();
            let product = shop.product("tea").await;
            let (kept, removed) = (shop.image_of(&product).await, shop.image_of(&product).await);
            let path = format!("/admin/products/{product}/images");
            shop.admin().put(&path, &json!({"images": [{"image_id": kept}]})).await.expect(200);
            // Written to where it is served, and its transaction was never committed.
            let begun = shop.uploaded(&product, &png(3, 2)).await;
            shop.inject(Rule::next("TransactWriteItems", Fault::KilledBefore).by("complete_image"));
            let (admin, complete) = (shop.admin(), completion(&product, &begun));
            assert_eq!(admin.send_killable("POST", &complete, None, Some(b"{}".to_vec())).await, None);
            assert_eq!(served(&shop).len(), 3, "{kept} {removed} {begun}");
            shop.advance(SignedDuration::from_hours(24));
            let fresh = shop.image_of(&product).await;
            let tick = json!({"time": shop.now()});
            let is_killed = matches!(fault, Fault::KilledBefore | Fault::KilledAfter);
            let times = if is_killed { 1 } else { 3 };
            shop.inject(Rule::next(operation, fault.clone()).by("delete_images").times(times));
            // Skipped or failed, then twice at the same time.
            drop(shop.invoke_killable("delete_images", &tick).await);
            shop.aws.assert_faults_hit();
            let (one, other) =
                tokio::join!(shop.tick_at("delete_images", shop.now()), shop.tick_at("delete_images", shop.now()));
            assert_eq!((one, other), (Ok(()), Ok(())), "{operation} {fault:?}");
            let mut wanted = [&kept, &fresh].map(|image| format!("media/{image}.png"));
            wanted.sort();
            assert_eq!(served(&shop), wanted, "{operation} {fault:?}");
            assert_eq!(ids(&shop, &product).await, [kept, fresh]);
        }
    }
}
