//! The cost of each use case as exact counts: the longest chain of sequential DynamoDB calls, and capacity units (P1 and P2
//! of the performance goals). `docs/performance.md` lists them; `BLESS=1 cargo test -p tests budget` updates the list.

mod admin_commands;
mod customers;
mod fulfilment;

use contracts::routes::Access;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use tests::Shop;
use tests::fake_aws::{Call, longest_chain};
use tests::fake_providers::FaultSettings;
use tests::fixtures::{cart, contact, text};
use tests::preorders::{Offered, terms};
use tests::product_images::{completion, png};
use tests::shop::Session;

use admin_commands::admin_commands;
use fulfilment::{production, shipping};

/// A customer id of the same length as those of the user pool.
const ANN: &str = "3f1c2d4e-0000-4000-8000-000000000001";

/// The cost of one invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    /// Sequential calls to DynamoDB.
    chain: usize,
    /// All calls to DynamoDB.
    calls: usize,
    read: u64,
    write: u64,
    bus: usize,
}

/// Calls to other services.
const OUTSIDE: &[&str] = &["PutObject", "GetObject", "DeleteObject", "Ecpay", "Newebpay", "Line", "GetPaymentSecret"];

impl Cost {
    fn of(calls: &[Call]) -> Self {
        let ours = calls.iter().filter(|call| !OUTSIDE.iter().any(|prefix| call.operation.starts_with(prefix)));
        let tables = ours.cloned();
        let to_bus = |call: &Call| ["PutEvents", "SendMessage"].contains(&call.operation.as_str());
        let (bus, calls): (Vec<Call>, Vec<Call>) = tables.partition(to_bus);
        let units = |write: bool| {
            calls.iter().filter(|call| call.is_write() == write).flat_map(|call| call.milliunits().into_values()).sum()
        };
        Self {
            chain: longest_chain(&calls),
            calls: calls.len(),
            read: units(false),
            write: units(true),
            bus: bus.len(),
        }
    }
}

/// The costs, and the actions in the activity log.
#[derive(Default)]
struct Ledger(Vec<(String, Cost)>, BTreeSet<String>);

impl Ledger {
    /// Records the cost since the last record, under a name.
    fn note(&mut self, shop: &Shop, name: &str) {
        self.0.push((name.to_owned(), Cost::of(&shop.aws.take_calls())));
        for entry in shop.aws.engine().items("Activity") {
            let text = |name: &str| entry[name]["S"].as_str().unwrap_or_default().to_owned();
            let filled =
                ["by", "subject_type", "subject_id", "correlation_id"].iter().all(|name| !text(name).is_empty());
            assert!(filled, "{entry}");
            self.1.insert(text("action"));
        }
    }

    fn cost(&self, name: &str) -> Cost {
        self.0.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} was not measured")).1
    }

    fn table(&self) -> String {
        let mut table = String::from(
            "| use case | calls in a row | calls | read units | write units |\n|---|---:|---:|---:|---:|\n",
        );
        for (name, cost) in &self.0 {
            let (read, write) = (units(cost.read), units(cost.write));
            writeln!(table, "| {name} | {} | {} | {read} | {write} |", cost.chain, cost.calls).unwrap();
        }
        table
    }
}

/// Formats thousandths with halves.
fn units(thousandths: u64) -> String {
    match (thousandths / 1_000, thousandths % 1_000) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{}", rest / 100),
    }
}

/// Runs every use case once on its warm success path, each POST with an idempotency key.
async fn measure() -> Ledger {
    let shop = Shop::open();
    let mut ledger = Ledger::default();
    let (ann, admin) = (shop.customer(ANN), shop.admin());
    let product = catalog(&shop, &admin, &mut ledger).await;
    let variant = shop.variant_of(&product, 100, 1).await;
    let coupon = coupons(&shop, &admin, &ann, &mut ledger).await;

    ann.post_once("c-1", "/points/charge", &json!({"amount_cents": 10_000_000})).await.expect(200);
    shop.aws.take_calls();
    ann.post_once("c-2", "/points/charge", &json!({"amount_cents": 10_000_000})).await.expect(200);
    ledger.note(&shop, "`charge_points`");
    ann.get("/points").await.expect(200);
    ledger.note(&shop, "`get_points`");
    ann.get("/points/history").await.expect(200);
    ledger.note(&shop, "`list_point_history`");
    admin_commands(&mut ledger).await;
    shop.aws.take_calls();
    shop.dispatch_events().await;

    orders(&shop, &admin, &ann, &variant, &coupon, &mut ledger).await;
    shop.dispatch_events().await;
    providers(&shop, &admin, &ann, &variant, &mut ledger).await;
    preorders(&shop, &admin, &ann, &mut ledger).await;
    production(&shop, &admin, &mut ledger).await;
    shipping(&shop, &admin, &ann, &variant, &mut ledger).await;
    shop.run_to_quiescence().await;
    shop.aws.take_calls();
    platform(&shop, &admin, &ann, &mut ledger).await;
    ledger
}

/// Reads a target and records what that cost.
async fn read(session: &Session, ledger: &mut Ledger, target: &str, name: &str) {
    session.get(target).await.expect(200);
    ledger.note(&session.shop, name);
}

async fn catalog(shop: &Shop, admin: &Session, ledger: &mut Ledger) -> String {
    let body = json!({"name": "Oolong tea", "description": "", "status": "ACTIVE"});
    shop.aws.take_calls();
    let product = text(&admin.post_once("p", "/admin/products", &body).await.expect(201), "product_id");
    ledger.note(shop, "`create_product`");
    let body = json!({"sku": "OOLONG-150", "variant_name": "150 g", "price_cents": 35_000, "stock_qty": 100});
    let added = admin.post_once("v", &format!("/admin/products/{product}/variants"), &body).await.expect(201);
    ledger.note(shop, "`add_variant`");
    let variant = text(&added, "variant_id");
    admin.patch(&format!("/admin/products/{product}"), &json!({"name": "Oolong"})).await.expect(200);
    ledger.note(shop, "`update_product`");
    admin.patch(&format!("/admin/variants/{variant}"), &json!({"price_cents": 36_000})).await.expect(200);
    ledger.note(shop, "`update_variant`");
    let stock = format!("/admin/variants/{variant}/stock");
    admin.post_once("s", &stock, &json!({"delta": 5, "reason": "found"})).await.expect(200);
    ledger.note(shop, "`adjust_stock`");
    read(admin, ledger, &format!("/admin/variants/{variant}/adjustments"), "`list_adjustments`, two adjustments").await;
    images(shop, admin, &product, ledger).await;
    read(admin, ledger, "/products", "`list_products`, one product").await;
    read(admin, ledger, &format!("/products/{product}"), "`get_product`").await;
    read(admin, ledger, "/admin/products", "`list_all_products`, one product").await;
    read(admin, ledger, &format!("/admin/products/{product}"), "`inspect_product`").await;
    product
}

/// Leaves the product without an image.
async fn images(shop: &Shop, admin: &Session, product: &str, ledger: &mut Ledger) {
    let (path, file) = (format!("/admin/products/{product}/images"), png(3, 2));
    let body = json!({"content_type": "image/png", "bytes": file.len(), "alt": "Oolong tea in a clay cup"});
    let begun = admin.post_once("i", &path, &body).await.expect(201);
    ledger.note(shop, "`upload_image`");
    assert_eq!(shop.aws.send_upload(&begun["upload"], "image/png", &file, shop.now()), 200);
    let image = text(&begun, "image_id");
    admin.post_once("ic", &completion(product, &image), &json!({})).await.expect(200);
    ledger.note(shop, "`complete_image`");
    admin.put(&path, &json!({"images": [{"image_id": image}]})).await.expect(200);
    ledger.note(shop, "`arrange_images`, one image");
    admin.put(&path, &json!({"images": []})).await.expect(200);
    ledger.note(shop, "`arrange_images`, one image is removed");
    shop.tick("delete_images").await;
    ledger.note(shop, "`delete_images`, nothing due");
}

async fn coupons(shop: &Shop, admin: &Session, ann: &Session, ledger: &mut Ledger) -> String {
    let hour = jiff::SignedDuration::from_hours(1);
    let body = json!({
        "name": "autumn", "discount": {"type": "FIXED", "value": 5_000}, "total_quantity": 100,
        "issue_starts_at": shop.now(), "issue_ends_at": shop.now() + hour, "valid_until": shop.now() + hour
    });
    shop.aws.take_calls();
    let coupon = text(&admin.post_once("k", "/admin/coupons", &body).await.expect(201), "coupon_id");
    ledger.note(shop, "`create_coupon`");
    let issue = format!("/coupons/{coupon}/issue");
    shop.customer("somebody").post_once("i", &issue, &json!({})).await.expect(201);
    shop.aws.take_calls();
    ann.post_once("i", &issue, &json!({})).await.expect(201);
    ledger.note(shop, "`issue_coupon`");
    read(ann, ledger, &format!("/coupons/{coupon}"), "`get_coupon`").await;
    let listed = json!({"listed": true});
    admin.patch(&format!("/admin/coupons/{coupon}"), &listed).await.expect(200);
    ledger.note(shop, "`update_coupon`, which lists it");
    read(ann, ledger, "/coupons", "`list_coupons`, one campaign; nothing while it is cached").await;
    read(ann, ledger, "/me/coupons", "`list_my_coupons`").await;
    read(admin, ledger, "/admin/coupons", "`list_all_coupons`, one campaign").await;
    read(admin, ledger, &format!("/admin/coupons/{coupon}"), "`inspect_coupon`").await;
    admin.patch(&format!("/admin/coupons/{coupon}"), &json!({"total_quantity": 101})).await.expect(200);
    ledger.note(shop, "`update_coupon`");
    tickets(shop, &coupon, ledger).await;
    coupon
}

async fn tickets(shop: &Shop, coupon: &str, ledger: &mut Ledger) {
    let issue = format!("/coupons/{coupon}/issue");
    shop.customer("first").post_async(None, &issue, &json!({})).await.expect(202);
    shop.aws.take_calls();
    let bob = shop.customer("bob");
    let ticket = text(&bob.post_async(None, &issue, &json!({})).await.expect(202), "ticket_id");
    ledger.note(shop, "`issue_coupon` with a ticket");
    for n in 0..8 {
        shop.customer(&format!("customer-{n}")).post_async(None, &issue, &json!({})).await.expect(202);
    }
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "issue_requested_coupons").await;
    ledger.note(shop, "`issue_requested_coupons`, ten customers");
    bob.get(&format!("/coupons/{coupon}/requests/{ticket}")).await.expect(200);
    ledger.note(shop, "`get_coupon_request`");
}

async fn orders(shop: &Shop, admin: &Session, ann: &Session, variant: &str, coupon: &str, ledger: &mut Ledger) {
    let method = json!({"name": "Black Cat", "kind": "HOME", "fee_cents": 6_000, "enabled": false});
    for what in ["the first", "a change"] {
        shop.aws.take_calls();
        admin.put("/admin/shipping-methods/HOME", &method).await.expect(200);
        ledger.note(shop, &format!("`set_shipping_method`, {what}"));
    }
    admin.get("/admin/shipping-methods").await.expect(200);
    ledger.note(shop, "`list_all_shipping_methods`");
    let mut address = contact();
    address["address_id"] = json!("home");
    ann.put("/me", &json!({"language": "en", "addresses": [address]})).await.expect(200);
    ledger.note(shop, "`set_profile`, one address");
    ann.get("/me").await.expect(200);
    ledger.note(shop, "`get_profile`");
    ann.get("/shipping-methods").await.expect(200);
    ledger.note(shop, "`list_shipping_methods`; nothing while they are cached");
    shop.aws.take_calls();
    let order = text(&ann.post_once("o-1", "/orders", &cart(variant, 1)).await.expect(201), "order_id");
    ledger.note(shop, "`place_order`, one line");
    let mut quoted = cart(variant, 1);
    quoted.as_object_mut().unwrap().remove("contact");
    ann.post("/quotes", &quoted).await.expect(200);
    ledger.note(shop, "`quote_order`, one line");
    shop.dispatcher.relay(shop).await;
    ledger.note(shop, "`relay_outbox`, one placed order");
    let pay = json!({"order_id": order, "method": "POINTS"});
    let payment = text(&ann.post_once("p-1", "/payments", &pay).await.expect(201), "payment_id");
    ledger.note(shop, "`pay_order` with points");
    shop.dispatcher.relay(shop).await;
    ledger.note(shop, "`relay_outbox`, one paid order");
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "count_sales").await;
    ledger.note(shop, "`count_sales`, one event");
    shop.dispatcher.work_for(shop, "export_orders").await;
    ledger.note(shop, "`export_orders`, one event");
    read(ann, ledger, &format!("/payments/{payment}"), "`get_payment`").await;
    read(admin, ledger, &format!("/admin/payments/{payment}"), "`inspect_payment`, no event").await;
    read(ann, ledger, &format!("/orders/{order}"), "`get_order`").await;
    read(admin, ledger, &format!("/admin/orders/{order}"), "`inspect_order`, one payment").await;
    let contact = json!({"shipping_address": "2 Main St"});
    ann.patch(&format!("/orders/{order}/contact"), &contact).await.expect(200);
    ledger.note(shop, "`change_contact`");
    admin.patch(&format!("/admin/orders/{order}/contact"), &contact).await.expect(200);
    ledger.note(shop, "`change_contact` by an admin");
    read(ann, ledger, "/orders", "`list_orders`, one order").await;
    read(ann, ledger, "/me/data", "`export_my_data`, one order").await;
    let found = admin.get(&format!("/admin/orders?order_id={order}")).await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    ledger.note(shop, "`search_orders` by id or number");
    read(admin, ledger, "/admin/orders?email=ada@example.com", "`search_orders` by phone or e-mail, one order").await;
    let cancel = format!("/admin/orders/{order}/cancel");
    admin.post_once("x-1", &cancel, &json!({})).await.expect(200);
    ledger.note(shop, "`cancel_order` of a paid order");
    // Only the message about the cancellation is measured.
    shop.dispatcher.rearrange("request_notifications", Vec::clear);
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "refund_payment").await;
    ledger.note(shop, "`refund_payment`");
    shop.dispatcher.work_for(shop, "request_notifications").await;
    ledger.note(shop, "`request_notifications`, one channel");
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "send_notification").await;
    ledger.note(shop, "`send_notification`");
    read(admin, ledger, "/admin/notifications?status=SENT", "`list_notifications` of one status, one message").await;
    shop.tick("retry_notifications").await;
    ledger.note(shop, "`retry_notifications`, nothing due");
    shop.dispatch_events().await;
    shop.aws.take_calls();

    let later = text(&ann.post_async(Some("l"), "/orders", &cart(variant, 1)).await.expect(202), "order_id");
    ledger.note(shop, "`place_order`, to be reserved later");
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "reserve_order").await;
    ledger.note(shop, "`reserve_order`, one line");
    ann.cancel(&later).await.expect(200);
    shop.aws.take_calls();

    let mut wanted = cart(variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let order = text(&ann.post_once("o-2", "/orders", &wanted).await.expect(201), "order_id");
    ledger.note(shop, "`place_order` with a coupon");
    ann.post_once("x-2", &format!("/orders/{order}/cancel"), &json!({})).await.expect(200);
    ledger.note(shop, "`cancel_order` with a coupon");
    ann.post_once("o-3", "/orders", &cart(variant, 1)).await.expect(201);
    shop.dispatch_events().await;
    shop.advance_minutes(15);
    shop.aws.take_calls();
    shop.tick("expire_orders").await;
    ledger.note(shop, "`expire_orders`, one order");
    shop.tick("expire_orders").await;
    ledger.note(shop, "`expire_orders`, nothing due");
}

/// Payment at providers: checkout, callback, refund.
async fn providers(shop: &Shop, admin: &Session, ann: &Session, variant: &str, ledger: &mut Ledger) {
    let mut paid = Vec::new();
    for method in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
        let order = ann.order(variant, 1).await;
        shop.aws.take_calls();
        let payment = ann.begin(&order, method).await.expect(201);
        ledger.note(shop, &format!("`pay_order` with {method}"));
        let trade_no = shop.open_checkout(&payment).await;
        ledger.note(shop, &format!("`open_checkout` of {method}"));
        if method == "ECPAY" {
            shop.aws.providers().change(&trade_no, |trade| trade.way = "ATM_TAISHIN".to_owned());
        }
        if method != "LINE_PAY" {
            shop.aws.providers().pay(&trade_no);
        }
        match method {
            "ECPAY" => {
                shop.ecpay_calls(&trade_no, FaultSettings::default()).await;
                ledger.note(shop, "`receive_ecpay_callback`");
            }
            "NEWEBPAY" => {
                shop.newebpay_calls(&trade_no, FaultSettings::default()).await;
                ledger.note(shop, "`receive_newebpay_callback`");
            }
            _ => {
                shop.return_from_line_pay(&trade_no).await;
                ledger.note(shop, "`return_from_line_pay`");
                shop.dispatcher.relay(shop).await;
                shop.dispatcher.route(shop);
                shop.aws.take_calls();
                shop.dispatcher.work_for(shop, "confirm_line_pay").await;
                ledger.note(shop, "`confirm_line_pay`");
            }
        }
        assert_eq!(ann.status(&order).await, "PAID", "{method}");
        paid.push(order);
    }
    let order = ann.order(variant, 1).await;
    let total = ann.get(&format!("/orders/{order}")).await.expect(200)["total_cents"].clone();
    let id = shop.app.new_id().unwrap();
    let result = json!({
        "event_id": id, "type": "payment.succeeded.v1", "occurred_at": shop.now(),
        "aggregate": {"type": "payment", "id": id, "version": 1}, "correlation_id": "c", "causation_id": "c",
        "data": {
            "payment_id": id, "order_id": order, "customer_id": ANN, "method": "EXTERNAL", "amount_cents": total,
            "currency": "TWD",
        },
    });
    shop.dispatcher.deliver(shop, &tests::events::delivery("cashier.example", "payment.succeeded.v1", &result));
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "receive_payment_result").await;
    ledger.note(shop, "`receive_payment_result`");
    assert_eq!(ann.status(&order).await, "PAID");
    shop.dispatch_events().await;
    shop.aws.take_calls();
    shop.tick("reconcile_payments").await;
    ledger.note(shop, "`reconcile_payments`, nothing waits");
    let refund = format!("/admin/orders/{}/refund", paid[0]);
    admin.post_once("rf", &refund, &json!({"reason": "broken"})).await.expect(200);
    ledger.note(shop, "`refund_order`");
    read(admin, ledger, "/admin/payment-tasks", "`list_payment_tasks`, none").await;
    shop.dispatch_events().await;
    // ECPay refuses refunds while it settles.
    shop.advance_minutes(61);
    shop.tick("reconcile_payments").await;
    let task = admin.get("/admin/payment-tasks").await.expect(200)["items"][0].clone();
    shop.aws.take_calls();
    let manual_refund = format!("/admin/payments/{}/manual-refund", text(&task, "payment_id"));
    let given = json!({"amount_cents": task["amount_cents"], "how": "bank transfer"});
    admin.post_once("bh", &manual_refund, &given).await.expect(200);
    ledger.note(shop, "`record_refund`");
    let done = format!("/admin/payment-tasks/{}/done", text(&task, "task_id"));
    admin.post_once("td", &done, &json!({"note": "see the bank transfer"})).await.expect(200);
    ledger.note(shop, "`finish_payment_task`");
    shop.dispatch_events().await;
}

async fn preorders(shop: &Shop, admin: &Session, ann: &Session, ledger: &mut Ledger) {
    let (start, end) = (shop.now(), shop.now() + jiff::SignedDuration::from_hours(24 * 7));
    let body = json!({"name": "2026_CNY", "start_at": start, "end_at": end, "timezone": "Asia/Taipei"});
    shop.aws.take_calls();
    let window = text(&admin.post_once("w", "/admin/sell-windows", &body).await.expect(201), "sell_window_id");
    ledger.note(shop, "`create_sell_window`");
    let product = shop.product("coat").await;
    let variant = shop.variant_of(&product, 0, 1).await;
    let offered = Offered { window, product, variant };
    shop.aws.take_calls();
    admin.put(&offered.path(), &terms(1)).await.expect(200);
    ledger.note(shop, "`configure_offer`");
    read(ann, ledger, "/sell-windows", "`list_sell_windows`, one offer").await;
    read(ann, ledger, &format!("/sell-windows/{}", offered.window), "`get_sell_window`, one offer").await;
    read(admin, ledger, "/admin/sell-windows", "`list_all_sell_windows`, one offer").await;
    read(admin, ledger, &format!("/admin/sell-windows/{}", offered.window), "`inspect_sell_window`, one offer").await;
    shop.dispatch_events().await;

    shop.aws.take_calls();
    let order = text(&ann.post_once("o-9", "/orders", &offered.cart(1)).await.expect(201), "order_id");
    ledger.note(shop, "`place_order`, a preorder");
    count(shop, ledger, "`count_reservations`, one event that meets the threshold").await;
    for n in 0..10 {
        shop.customer(&format!("customer-{n}")).reserve(&offered, 1).await.expect(201);
    }
    count(shop, ledger, "`count_reservations`, ten events").await;
    batch(shop, admin, ledger).await;
    for sweep in ["close_sell_windows", "finalize_batches"] {
        shop.tick(sweep).await;
        ledger.note(shop, &format!("`{sweep}`, nothing due"));
    }
    assert_eq!(ann.status(&order).await, "RESERVED");
}

/// A batch of one order, so that the number of log partitions with an order is constant.
async fn batch(shop: &Shop, admin: &Session, ledger: &mut Ledger) {
    let offered = shop.offered(&terms(1)).await;
    shop.customer("first").reserve(&offered, 1).await.expect(201);
    shop.dispatch_events().await;
    shop.aws.take_calls();
    let batch = format!("/admin/batches/{}", offered.batch());
    read(admin, ledger, "/admin/batches", "`list_batches`, one batch").await;
    read(admin, ledger, &batch, "`get_batch`, one order").await;
    read(admin, ledger, &format!("{batch}/orders"), "`list_batch_orders`, one order").await;
    let forecast = format!("/admin/sell-windows/{}/forecast", offered.window);
    read(admin, ledger, &forecast, "`forecast_sell_window`, one order").await;
    read(admin, ledger, &format!("{}/history", offered.path()), "`get_offer_history`, one order").await;
    admin.put(&format!("{batch}/schedule"), &json!({"notes": "by sea"})).await.expect(200);
    ledger.note(shop, "`schedule_batch`");
    admin.post_once("b", &format!("{batch}/confirm"), &json!({})).await.expect(200);
    ledger.note(shop, "`confirm_batch`");
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "request_payments").await;
    ledger.note(shop, "`request_payments`, the start");
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "request_payments").await;
    ledger.note(shop, "`request_payments`, one order");
    shop.dispatch_events().await;
    shop.aws.take_calls();
    admin.post_once("c", &format!("{batch}/cancel"), &json!({"reason": "no wool"})).await.expect(200);
    ledger.note(shop, "`cancel_batch`");
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.dispatcher.work_for(shop, "abandon_batch").await;
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "abandon_batch").await;
    ledger.note(shop, "`abandon_batch`, one order");
}

/// Delivers the reservation to its counter.
async fn count(shop: &Shop, ledger: &mut Ledger, name: &str) {
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(shop, "count_reservations").await;
    ledger.note(shop, name);
    shop.dispatch_events().await;
    shop.aws.take_calls();
}

async fn platform(shop: &Shop, admin: &Session, ann: &Session, ledger: &mut Ledger) {
    shop.tick("refresh_best_sellers").await;
    ledger.note(shop, "`refresh_best_sellers`, one product");
    read(ann, ledger, "/products/best-sellers", "`get_best_sellers`").await;
    shop.tick_at("record_daily_sales", shop.now() + jiff::SignedDuration::from_hours(24)).await.unwrap();
    ledger.note(shop, "`record_daily_sales`, one product");
    read(admin, ledger, "/admin/daily-sales", "`list_daily_sales`, a month").await;
    shop.tick("sweep_outbox").await;
    ledger.note(shop, "`sweep_outbox`, nothing waits");
    ann.charge(1_000_000).await.expect(200);
    let event = shop.dispatcher.new_changes(shop)[0]["dynamodb"]["NewImage"]["sk"]["S"].as_str().unwrap().to_owned();
    shop.aws.take_calls();
    read(admin, ledger, &format!("/admin/outbox/{event}"), "`get_event`").await;
    admin.post_once("r", &format!("/admin/outbox/{event}/replay"), &json!({})).await.expect(200);
    ledger.note(shop, "`replay_event`");
    shop.tick("sweep_outbox").await;
    ledger.note(shop, "`sweep_outbox`, one event");
    read(ann, ledger, "/openapi.json", "`get_openapi`").await;
    shop.tick("refresh_low_stock").await;
    ledger.note(shop, "`refresh_low_stock`, nothing watched");
    read(admin, ledger, "/admin/summary", "`get_summary`").await;
}

/// The document and its generated section.
fn document() -> (std::path::PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, text)
}

const BEGIN: &str = "<!-- costs: begin (written by `BLESS=1 cargo test -p tests budget`) -->\n";
const END: &str = "<!-- costs: end -->";

#[tokio::test(start_paused = true)]
async fn each_use_case_costs_what_the_document_states() {
    let ledger = measure().await;
    let place = ledger.cost("`place_order`, one line");
    let pay = ledger.cost("`pay_order` with points");
    let sent = [ledger.cost("`relay_outbox`, one placed order"), ledger.cost("`relay_outbox`, one paid order")];
    let write = place.write + pay.write + sent[0].write + sent[1].write;
    let read = place.read + pay.read + sent[0].read + sent[1].read;

    // P1: sequential calls on the warm success path, and no bus call in any HTTP handler.
    assert_eq!(place.chain, 2, "place order");
    assert_eq!(pay.chain, 2, "pay with points");
    assert_eq!(ledger.cost("`place_order`, a preorder").chain, 2, "reserve");
    assert_eq!(ledger.cost("`issue_coupon`").chain, 1, "issue coupon");
    assert_eq!(ledger.cost("`charge_points`").chain, 1, "charge points");
    assert_eq!(ledger.cost("`get_best_sellers`").chain, 1, "best sellers");
    for (name, cost) in &ledger.0 {
        // A ticket is the only request whose record is a message.
        let publishes = ["relay_outbox", "sweep_outbox`, one", "with a ticket"].iter().any(|word| name.contains(word));
        assert_eq!(cost.bus, usize::from(publishes), "calls to the bus of {name}");
    }
    // P2: a one-line instant order, placed, paid with points and published, each POST with a key.
    assert!(write <= 30_000 && read <= 3_000, "{} write units, {} read units", units(write), units(read));

    let chain = format!(
        "\nA one-line order, placed, paid with points and published: **{} write units and {} read units**.\n",
        units(write),
        units(read)
    );
    let written = format!("{}{chain}", ledger.table());
    let (path, document) = document();
    let (head, rest) = document.split_once(BEGIN).unwrap();
    let (listed, tail) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{written}{END}{tail}")).unwrap();
    } else {
        assert_eq!(listed, written, "{} is out of date: BLESS=1 cargo test -p tests budget", path.display());
    }
}

#[tokio::test(start_paused = true)]
async fn every_admin_command_leaves_an_entry_in_the_activity_log() {
    let commands = functions::ROUTES.iter().filter(|route| route.access == Access::Admin && route.method != "GET");
    let commands: BTreeSet<String> = commands.map(|route| route.use_case.to_owned()).collect();
    assert_eq!(measure().await.1, commands);
}

#[tokio::test(start_paused = true)]
async fn every_use_case_is_measured() {
    let ledger = measure().await;
    // The audit reads all data, so its cost depends on the size of the shop. The outbox list reads minutes.
    let left_out = ["audit_ledgers", "list_outbox"];
    for use_case in functions::USE_CASES.iter().filter(|use_case| !left_out.contains(&use_case.name)) {
        let name = format!("`{}`", use_case.name);
        assert!(ledger.0.iter().any(|(known, _)| known.starts_with(&name)), "{name}");
    }
}
