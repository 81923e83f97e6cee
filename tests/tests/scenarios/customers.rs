//! What a customer can export.

use super::admin_lists::{all, ids};
use serde_json::json;
use tests::Shop;
use tests::fixtures::contact;

#[tokio::test(start_paused = true)]
async fn a_customer_exports_everything_that_the_shop_keeps_page_by_page() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(9).await);
    ann.charge(1_000_000).await.expect(200);
    let coupon = shop.coupon(5, 1).await;
    ann.take(&coupon).await.expect(201);
    for _ in 0..3 {
        ann.order(&variant, 1).await;
    }
    let mut address = contact();
    address["address_id"] = json!("home");
    ann.put("/me", &json!({"language": "zh-TW", "addresses": [address]})).await.expect(200);
    shop.customer("bob").order(&variant, 1).await;
    for limit in [1, 2, 100] {
        let kept = all(&ann, "/me/data", limit).await;
        assert_eq!(ids(&kept, "kind"), ["ORDER", "ORDER", "ORDER", "COUPON", "POINTS_ENTRY", "PROFILE"], "by {limit}");
        assert_eq!(kept[0]["order"]["contact"]["email"], "ada@example.com");
        assert_eq!(kept[3]["coupon"]["coupon_id"], coupon.as_str());
        assert_eq!(kept[4]["points_entry"]["amount_cents"], 1_000_000);
        assert_eq!(kept[5]["profile"]["addresses"], json!([address]));
    }
    assert!(ids(&all(&shop.customer("eve"), "/me/data", 1).await, "kind").is_empty());
    ann.get("/me/data?cursor=AAAA").await.refused(422, "invalid_request");
}
