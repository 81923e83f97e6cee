//! The cost of what an admin does to run the shop.

use super::customers::customers;
use super::{ANN, Ledger, read};
use serde_json::json;
use tests::Shop;
use tests::fake_messengers::FakeResponse;
use tests::fixtures::text;
use tests::preorders::terms;

/// In a shop of their own, which they leave with an ended window and a message that has failed before.
pub(super) async fn admin_commands(ledger: &mut Ledger) {
    let shop = &Shop::open();
    let (ann, admin, variant) = (shop.customer(ANN), shop.admin(), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    shop.cancel(&order).await.expect(200);
    shop.aws.messengers().refuse("SendEmail", FakeResponse::new(400, r#"{"__type":"MessageRejected"}"#));
    shop.dispatch_events().await;
    let failed = admin.get("/admin/notifications?status=FAILED").await.expect(200);
    let job = text(&failed["items"][0], "job_id");
    shop.aws.take_calls();
    admin.post_once("n", &format!("/admin/notifications/{job}/retry"), &json!({})).await.expect(200);
    ledger.note(shop, "`retry_notification`");
    let replay = json!({"status": "SENT", "from": shop.now() - jiff::SignedDuration::from_mins(1)});
    shop.dispatch_events().await;
    shop.advance_minutes(1);
    shop.aws.take_calls();
    admin.post_once("re", "/admin/outbox/replay", &replay).await.expect(202);
    ledger.note(shop, "`replay_events`, the events of two minutes");
    let grant = json!({"amount_cents": 500, "reason": "a late parcel"});
    admin.post_once("g", &format!("/admin/customers/{ANN}/points"), &grant).await.expect(200);
    ledger.note(shop, "`grant_points`");
    customers(shop, &admin, ledger).await;
    let offered = shop.offered(&terms(1)).await;
    let path = format!("/admin/sell-windows/{}", offered.window);
    shop.advance_minutes(1);
    shop.aws.take_calls();
    let end = shop.now() + jiff::SignedDuration::from_hours(1);
    admin.patch(&path, &json!({"end_at": end})).await.expect(200);
    ledger.note(shop, "`update_sell_window`, one offer");
    admin.post_once("e", &format!("{path}/close"), &json!({})).await.expect(200);
    ledger.note(shop, "`end_sell_window`, one offer");
    read(&admin, ledger, "/admin/activity", "`list_activity`, a page").await;
}
