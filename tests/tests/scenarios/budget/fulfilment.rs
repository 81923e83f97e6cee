//! The cost of production and shipping.

use super::Ledger;
use serde_json::json;
use tests::Shop;
use tests::fixtures::text;
use tests::preorders::{terms, with};
use tests::shop::Session;

pub(super) async fn production(shop: &Shop, admin: &Session, ledger: &mut Ledger) {
    let rules = with(terms(1), &json!({"payment_window_hours": 1, "production_steps": ["SEW"]}));
    let offered = shop.offered(&rules).await;
    let buyer = shop.customer("buyer");
    let order = text(&buyer.reserve(&offered, 1).await.expect(201), "order_id");
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "open_work_order").await;
    ledger.note(shop, "`open_work_order`");
    shop.dispatch_events().await;
    buyer.charge(1_000_000).await.expect(200);
    buyer.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    shop.advance_minutes(60);
    shop.aws.take_calls();
    shop.tick("finalize_batches").await;
    ledger.note(shop, "`finalize_batches`, one batch");
    admin.get("/admin/work-orders").await.expect(200);
    ledger.note(shop, "`list_work_orders`, two work orders");
    let work_order = format!("/admin/work-orders/{}", offered.batch());
    admin.get(&work_order).await.expect(200);
    ledger.note(shop, "`get_work_order`");
    admin.post_once("ws", &format!("{work_order}/start"), &json!({"operator": "Wei"})).await.expect(200);
    ledger.note(shop, "`start_work_order`");
    admin.patch(&format!("{work_order}/steps/1"), &json!({"status": "DONE"})).await.expect(200);
    ledger.note(shop, "`update_work_step`");
    admin.post_once("wc", &format!("{work_order}/complete"), &json!({})).await.expect(200);
    ledger.note(shop, "`complete_work_order`");
    shop.dispatch_events().await;
    let failing = shop.offered(&rules).await;
    let order = text(&buyer.reserve(&failing, 1).await.expect(201), "order_id");
    shop.dispatch_events().await;
    shop.confirm(&failing).await.expect(200);
    shop.dispatch_events().await;
    buyer.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    shop.advance_minutes(60);
    shop.tick("finalize_batches").await;
    let work_order = format!("/admin/work-orders/{}", failing.batch());
    admin.post_once("wt", &format!("{work_order}/start"), &json!({"operator": "Wei"})).await.expect(200);
    shop.aws.take_calls();
    admin.post_once("wf", &format!("{work_order}/fail"), &json!({"reason": "fire"})).await.expect(200);
    ledger.note(shop, "`fail_work_order`");
    shop.dispatch_events().await;
}

/// Everything after a payment: shipping request, result, shipment, completion.
pub(super) async fn shipping(shop: &Shop, admin: &Session, ann: &Session, variant: &str, ledger: &mut Ledger) {
    let order = ann.order(variant, 1).await;
    ann.pay(&order).await.expect(201);
    for name in ["`schedule_shipping`, asking for one order", "`schedule_shipping`, answering for one order"] {
        shop.dispatcher.relay(shop).await;
        shop.dispatcher.route(shop);
        shop.aws.take_calls();
        shop.dispatcher.work_for(shop, "schedule_shipping").await;
        ledger.note(shop, name);
    }
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
    admin.post_once("sh-1", &format!("/admin/orders/{order}/ship"), &parcel).await.expect(200);
    ledger.note(shop, "`ship_order`");
    // A sent notification would complete it first.
    shop.dispatcher.disable("RequestNotificationsOnWhatPeopleAreTold");
    shop.dispatch_events().await;
    shop.advance_minutes(15);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "complete_order").await;
    ledger.note(shop, "`complete_order`");
    assert_eq!(ann.status(&order).await, "COMPLETED");
    let mut items = Vec::new();
    for _ in 0..2 {
        let order = ann.order(variant, 1).await;
        ann.pay(&order).await.expect(201);
        items.push(json!({"order_id": order, "carrier": "Black Cat", "tracking_no": "905-123-456"}));
    }
    for _ in 0..2 {
        shop.dispatcher.relay(shop).await;
        shop.dispatcher.route(shop);
        shop.dispatcher.work_for(shop, "schedule_shipping").await;
    }
    shop.aws.take_calls();
    admin.post_once("sh-2", "/admin/shipments", &json!({"items": items})).await.expect(200);
    ledger.note(shop, "`ship_orders`, two orders");
}
