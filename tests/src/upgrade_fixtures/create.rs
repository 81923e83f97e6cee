//! Creates the upgrade fixture of this version: a shop with a customer at every step of every flow, each named after that
//! step.

use super::UpgradeFixture;
use crate::fake_aws::Published;
use crate::fake_messengers::FakeResponse;
use crate::fake_providers::FaultSettings;
use crate::faults::{Fault, Rule};
use crate::fixtures::{cart, contact, text};
use crate::preorders::{Offered, terms, with};
use crate::product_images::png;
use crate::shop::{Session, Shop};
use domain::payment::PaymentMethod;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::payments::Lane;

const CHARGED: i64 = 1_000_000;

/// A shop and the events that are still in flight.
struct FixtureBuilder {
    shop: Shop,
    variant: String,
    on_their_way: Vec<Published>,
    requests: Vec<(String, String)>,
}

/// Creates the upgrade fixture from an empty shop.
pub async fn create_fixture(shop: Shop) -> UpgradeFixture {
    let product = shop.product("Oolong tea").await;
    let variant = shop.variant_of(&product, 100, 2).await;
    let mut builder = FixtureBuilder { shop, variant, on_their_way: Vec::new(), requests: Vec::new() };
    builder.the_day_before().await;
    builder.an_hour_ago().await;
    builder.instant_orders().await;
    builder.preorders().await;
    builder.providers().await;
    builder.messages().await;
    builder.platform().await;
    builder.leave()
}

impl FixtureBuilder {
    fn leave(self) -> UpgradeFixture {
        let mut events = self.on_their_way;
        // One delivered event of each type, because an event may be delivered again.
        for event in self.shop.dispatcher.published() {
            if !events.iter().any(|known| known.detail_type == event.detail_type) {
                events.push(event);
            }
        }
        UpgradeFixture::of(&self.shop, &events, self.requests)
    }

    /// Publishes the last events and keeps them in flight.
    async fn keep_on_the_bus(&mut self) {
        self.shop.dispatcher.relay(&self.shop).await;
        self.on_their_way.extend(self.shop.aws.take_published());
    }

    /// Delivers the last events to these use cases, and keeps the events that they emit in flight.
    async fn keep_after(&mut self, use_cases: &[&str]) {
        self.shop.dispatcher.relay(&self.shop).await;
        self.shop.dispatcher.route(&self.shop);
        for use_case in use_cases {
            self.shop.dispatcher.work_for(&self.shop, use_case).await;
        }
        self.keep_on_the_bus().await;
        self.shop.dispatch_events().await;
    }

    async fn rich(&self, sub: &str) -> Session {
        let customer = self.shop.customer(sub);
        customer.charge(CHARGED).await.expect(200);
        customer
    }

    async fn ordered(&self, sub: &str) -> (Session, String) {
        let customer = self.rich(sub).await;
        let order = customer.order(&self.variant, 1).await;
        self.shop.dispatch_events().await;
        (customer, order)
    }

    async fn paid(&self, sub: &str) -> String {
        let (customer, order) = self.ordered(sub).await;
        customer.pay(&order).await.expect(201);
        order
    }

    async fn ship(&self, order: &str) {
        let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
        self.shop.admin().post(&format!("/admin/orders/{order}/ship"), &parcel).await.expect(200);
    }

    /// An image, one that was removed, and an upload that is not completed.
    async fn images(&self) {
        let shop = &self.shop;
        let product = self.variant.split('.').next().unwrap();
        let image = shop.image_of(product).await;
        shop.image_of(product).await;
        let path = format!("/admin/products/{product}/images");
        shop.admin().put(&path, &json!({"images": [{"image_id": image, "alt": "A cup"}]})).await.expect(200);
        shop.begin_upload(product, &png(3, 2)).await;
    }

    async fn the_day_before(&mut self) {
        let shop = self.shop.clone();
        let stock = format!("/admin/variants/{}/stock", self.variant);
        shop.admin().post(&stock, &json!({"delta": -1, "reason": "a broken cup"})).await.expect(200);
        let variant = format!("/admin/variants/{}", self.variant);
        shop.admin().patch(&variant, &json!({"sku": "OOLONG", "low_stock_qty": 200})).await.expect(200);
        self.images().await;
        let order = self.paid("is-complete").await;
        shop.dispatch_events().await;
        self.ship(&order).await;
        shop.dispatch_events().await;
        shop.advance_minutes(16);
        shop.dispatch_events().await;
        let missed = self.offered_for_hours(4).await;
        shop.customer("missed").reserve(&missed, 1).await.expect(201);
        let abandoned = shop.customer("abandons-checkout");
        let order = abandoned.order(&self.variant, 1).await;
        abandoned.check_out(&order, "ECPAY").await;
        shop.dispatch_events().await;
        shop.advance(SignedDuration::from_hours(5));
        for tick in ["reconcile_payments", "record_daily_sales", "refresh_best_sellers", "sweep_outbox"] {
            shop.tick(tick).await;
        }
        shop.dispatch_events().await;
        shop.tick("close_sell_windows").await;
        self.keep_on_the_bus().await;
    }

    async fn offered_for_hours(&self, hours: i64) -> Offered {
        let (shop, start) = (&self.shop, self.shop.now());
        let end = start + SignedDuration::from_hours(hours);
        let body = json!({"name": "one evening", "start_at": start, "end_at": end, "timezone": "Asia/Taipei"});
        let window = text(&shop.admin().post("/admin/sell-windows", &body).await.expect(201), "sell_window_id");
        let product = shop.product("coat").await;
        let variant = shop.variant_of(&product, 0, 1).await;
        let offered = Offered { window, product, variant };
        shop.admin().put(&offered.path(), &terms(5)).await.expect(200);
        offered
    }

    async fn paid_batch(&self, sub: &str) -> Offered {
        let rules = json!({"payment_window_hours": 1, "production_steps": ["SEW", "PACK"], "max_total_qty": 3});
        let offered = self.asked(sub, &rules).await;
        let customer = self.rich(sub).await;
        let order = only_order(&customer).await;
        customer.pay(&order).await.expect(201);
        self.shop.dispatch_events().await;
        offered
    }

    /// A batch of one order with a payment request.
    async fn asked(&self, sub: &str, rules: &Value) -> Offered {
        let offered = self.shop.offered(&with(terms(1), rules)).await;
        self.shop.customer(sub).reserve(&offered, 1).await.expect(201);
        self.shop.dispatch_events().await;
        self.shop.confirm(&offered).await.expect(200);
        self.shop.dispatch_events().await;
        offered
    }

    async fn produce(&self, offered: &Offered, what: &str, body: &Value) {
        let target = format!("/admin/work-orders/{}/{what}", offered.batch());
        self.shop.admin().post(&target, body).await.expect(200);
    }

    async fn step(&self, offered: &Offered, n: u8, status: &str) {
        let target = format!("/admin/work-orders/{}/steps/{n}", offered.batch());
        self.shop.admin().patch(&target, &json!({"status": status})).await.expect(200);
    }

    async fn an_hour_ago(&mut self) {
        let shop = self.shop.clone();
        let mut batches = Vec::new();
        for sub in ["is-made", "is-ready", "was-made", "was-spoiled"] {
            batches.push(self.paid_batch(sub).await);
        }
        let (late, order) = self.ordered("pays-late").await;
        let late = late.check_out(&order, "ECPAY").await;
        self.ordered("is-expired").await;
        shop.advance(SignedDuration::from_hours(1));
        shop.tick("expire_orders").await;
        self.keep_on_the_bus().await;
        shop.tick("finalize_batches").await;
        shop.dispatch_events().await;
        let operator = json!({"operator": "Wei"});
        for batch in batches.iter().filter(|batch| batch.batch() != batches[1].batch()) {
            self.produce(batch, "start", &operator).await;
        }
        self.step(&batches[0], 1, "DONE").await;
        self.step(&batches[0], 2, "DOING").await;
        let later = json!({"planned_ship_date": "2027-06-30"});
        let schedule = format!("/admin/batches/{}/schedule", batches[0].batch());
        shop.admin().put(&schedule, &later).await.expect(200);
        self.keep_on_the_bus().await;
        for n in 1..=2 {
            self.step(&batches[2], n, "DONE").await;
        }
        self.produce(&batches[2], "complete", &json!({})).await;
        self.keep_on_the_bus().await;
        self.produce(&batches[3], "fail", &json!({"reason": "fire"})).await;
        self.keep_on_the_bus().await;
        shop.aws.providers().pay(&late.trade_no);
        assert_eq!(shop.ecpay_calls(&late.trade_no, FaultSettings::default()).await.text, "1|OK");
        self.keep_on_the_bus().await;
    }

    async fn instant_orders(&mut self) {
        let shop = self.shop.clone();
        let coupon = shop.coupon(50, 3).await;
        let saved = self.rich("has-saved").await;
        saved.take(&coupon).await.expect(201);
        let order = saved.order_with(&self.variant, &coupon).await;
        saved.pay(&order).await.expect(201);
        shop.dispatch_events().await;
        let pays = self.rich("pays").await;
        pays.take(&coupon).await.expect(201);
        shop.admin().patch(&format!("/admin/coupons/{coupon}"), &json!({"listed": true})).await.expect(200);
        pays.order_with(&self.variant, &coupon).await;
        self.keep_on_the_bus().await;
        self.with_delivery("pays-for-delivery").await;
        let mut address = contact();
        address["address_id"] = json!("home");
        let profile = json!({"language": "zh-TW", "addresses": [address]});
        shop.customer("has-saved-an-address").put("/me", &profile).await.expect(200);
        self.ordered("cancels").await;
        self.ordered("expires").await;
        let (canceled, order) = self.ordered("has-canceled").await;
        canceled.cancel(&order).await.expect(200);
        self.keep_on_the_bus().await;
        let waits = self.rich("waits").await;
        waits.post_async(Some("waits-key"), "/orders", &cart(&self.variant, 1)).await.expect(202);
        self.keep_on_the_bus().await;
        self.rich("was-reserved").await.post_async(None, "/orders", &cart(&self.variant, 1)).await.expect(202);
        self.keep_after(&["reserve_order"]).await;
        let none = shop.variant(1).await;
        shop.customer("is-too-late").post_async(None, "/orders", &cart(&none, 1)).await.expect(202);
        shop.customer("was-first").order(&none, 1).await;
        self.keep_after(&["reserve_order"]).await;
        self.paid("has-paid").await;
        self.keep_on_the_bus().await;
        self.paid("is-to-be-scheduled").await;
        self.keep_after(&["schedule_shipping"]).await;
        self.paid("is-scheduled").await;
        self.keep_after(&["schedule_shipping", "count_sales", "export_orders"]).await;
        let order = self.paid("cannot-be-shipped").await;
        self.carrier_refuses("cannot-be-shipped", &order).await;
        self.paid("is-to-be-shipped").await;
        shop.dispatch_events().await;
        let order = self.paid("was-shipped").await;
        shop.dispatch_events().await;
        self.ship(&order).await;
        self.keep_on_the_bus().await;
        let order = self.paid("gets-money-back").await;
        shop.dispatch_events().await;
        shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
        self.keep_on_the_bus().await;
        let order = self.paid("got-money-back").await;
        shop.dispatch_events().await;
        shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
        self.keep_after(&["refund_payment"]).await;
        shop.customer("has-a-ticket")
            .post_async(None, &format!("/coupons/{coupon}/issue"), &json!({}))
            .await
            .expect(202);
        self.requests.extend(shop.aws.take_sent());
    }

    /// An order with a shipping method, which the shop does not offer any more.
    async fn with_delivery(&self, sub: &str) {
        let method = |enabled: bool| json!({"name": "Post", "kind": "HOME", "fee_cents": 6_000, "enabled": enabled});
        let (admin, path) = (self.shop.admin(), "/admin/shipping-methods/HOME");
        admin.put(path, &method(true)).await.expect(200);
        let mut wanted = cart(&self.variant, 1);
        wanted["shipping"] = json!({"method_code": "HOME"});
        wanted["language"] = json!("zh-TW");
        self.rich(sub).await.post("/orders", &wanted).await.expect(201);
        admin.put(path, &method(false)).await.expect(200);
        self.shop.dispatch_events().await;
    }

    /// An external shipping system consumed the request, and its result is in flight.
    async fn carrier_refuses(&mut self, sub: &str, order: &str) {
        let shop = &self.shop;
        shop.dispatcher.relay(shop).await;
        shop.dispatcher.route(shop);
        shop.dispatcher.work_for(shop, "schedule_shipping").await;
        shop.dispatcher.relay(shop).await;
        let requested = shop.aws.take_published().pop().unwrap();
        let event_type = "shipping.schedule_failed.v1";
        let mut detail = requested.detail;
        detail["type"] = json!(event_type);
        detail["event_id"] = json!(shop.app.new_id().unwrap());
        detail["data"] = json!({"order_id": order, "customer_id": sub, "version": 2, "reason": "an island"});
        let answer = Published { source: "carrier.example".to_owned(), detail_type: event_type.to_owned(), detail };
        self.on_their_way.push(answer);
        shop.dispatch_events().await;
    }

    async fn preorders(&mut self) {
        let shop = self.shop.clone();
        let open = shop.offered(&with(terms(2), &json!({"max_total_qty": 5, "per_customer_max": 2}))).await;
        shop.customer("has-reserved").reserve(&open, 1).await.expect(201);
        shop.dispatch_events().await;
        shop.customer("reserves").reserve(&open, 1).await.expect(201);
        self.keep_on_the_bus().await;
        let reached = shop.offered(&terms(1)).await;
        shop.customer("is-enough").reserve(&reached, 1).await.expect(201);
        self.keep_after(&["count_reservations"]).await;
        let confirmed = shop.offered(&terms(1)).await;
        shop.customer("is-confirmed").reserve(&confirmed, 1).await.expect(201);
        shop.dispatch_events().await;
        shop.confirm(&confirmed).await.expect(200);
        self.keep_on_the_bus().await;
        let asked = shop.offered(&terms(1)).await;
        shop.customer("is-asked").reserve(&asked, 1).await.expect(201);
        shop.dispatch_events().await;
        shop.confirm(&asked).await.expect(200);
        self.keep_after(&["request_payments", "open_work_order"]).await;
        self.asked("is-to-pay", &json!({})).await;
        let canceled = self.asked("was-called-off", &json!({})).await;
        let cancel = format!("/admin/batches/{}/cancel", canceled.batch());
        shop.admin().post(&cancel, &json!({"reason": "no wool"})).await.expect(200);
        self.keep_on_the_bus().await;
    }

    async fn providers(&mut self) {
        let shop = self.shop.clone();
        let providers = shop.aws.providers().clone();
        let (customer, order) = self.ordered("pays-at-ecpay").await;
        customer.check_out(&order, "ECPAY").await;
        let (customer, order) = self.ordered("takes-a-number").await;
        let open = customer.check_out(&order, "ECPAY").await;
        shop.ecpay_calls(&open.trade_no, FaultSettings { number_taken: true, ..FaultSettings::default() }).await;
        let (customer, order) = self.ordered("pays-another-amount").await;
        let open = customer.check_out(&order, "NEWEBPAY").await;
        providers.pay(&open.trade_no);
        shop.newebpay_calls(&open.trade_no, FaultSettings { more: 1, ..FaultSettings::default() }).await;
        let (customer, order) = self.ordered("has-no-money").await;
        let open = customer.check_out(&order, "ECPAY").await;
        shop.ecpay_calls(&open.trade_no, FaultSettings { failed: true, ..FaultSettings::default() }).await;
        self.keep_on_the_bus().await;
        let (customer, order) = self.ordered("comes-from-line-pay").await;
        let open = customer.check_out(&order, "LINE_PAY").await;
        shop.return_from_line_pay(&open.trade_no).await;
        self.keep_on_the_bus().await;
        for (sub, way) in [("gets-a-part-back", "Credit_CreditCard"), ("is-paid-by-hand", "ATM_TAISHIN")] {
            let (customer, order) = self.ordered(sub).await;
            let open = customer.check_out(&order, "ECPAY").await;
            providers.change(&open.trade_no, |trade| trade.way = way.to_owned());
            providers.pay(&open.trade_no);
            shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
            shop.dispatch_events().await;
            let part = json!({"amount_cents": 10_000, "reason": "broken cup"});
            shop.admin().post(&format!("/admin/orders/{order}/refund"), &part).await.expect(200);
            match way {
                "ATM_TAISHIN" => shop.dispatch_events().await,
                _ => {
                    shop.inject(Rule::next("EcpayAct", Fault::KilledAfter));
                    shop.dispatcher.relay(&shop).await;
                    let asked = shop.aws.take_published();
                    for event in &asked {
                        let body = crate::events::delivery(&event.source, &event.detail_type, &event.detail);
                        shop.dispatcher.deliver(&shop, &body);
                    }
                    shop.dispatcher.work_for(&shop, "refund_payment").await;
                    shop.aws.assert_faults_hit();
                    shop.dispatcher.rearrange("refund_payment", Vec::clear);
                    self.on_their_way.extend(asked);
                }
            }
        }
        // A provider that wanted fewer requests, until a moment ago.
        for lane in [Lane::Questions(PaymentMethod::Newebpay), Lane::Refunds(PaymentMethod::Newebpay)] {
            shop.app.store.pause_provider(lane, shop.now()).await.unwrap();
        }
    }

    async fn messages(&mut self) {
        let shop = self.shop.clone();
        let (_, order) = self.ordered("is-to-be-told").await;
        shop.cancel(&order).await.expect(200);
        self.keep_after(&["request_notifications"]).await;
        let (_, order) = self.ordered("is-told-later").await;
        shop.cancel(&order).await.expect(200);
        shop.aws.messengers().refuse("SendEmail", FakeResponse::new(503, ""));
        shop.dispatch_events().await;
        let (_, order) = self.ordered("cannot-be-told").await;
        shop.cancel(&order).await.expect(200);
        shop.aws.messengers().refuse("SendEmail", FakeResponse::new(400, r#"{"__type": "MessageRejected"}"#));
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        shop.dispatcher.work_for(&shop, "request_notifications").await;
        self.keep_after(&["send_notification"]).await;
        let (_, order) = self.ordered("was-told").await;
        shop.cancel(&order).await.expect(200);
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        shop.dispatcher.work_for(&shop, "request_notifications").await;
        self.keep_after(&["send_notification"]).await;
    }

    async fn platform(&mut self) {
        let shop = self.shop.clone();
        shop.dispatch_events().await;
        for tick in ["sweep_outbox", "refresh_best_sellers", "refresh_low_stock"] {
            shop.tick(tick).await;
        }
        // Two records that the bus rejected, one of them being replayed, and one that the relay has not seen.
        shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
        for sub in ["is-set-aside", "is-sent-again"] {
            self.rich(sub).await;
        }
        shop.dispatcher.relay(&shop).await;
        for _ in 0..5 {
            shop.advance_minutes(1);
            shop.tick("sweep_outbox").await;
        }
        shop.aws.clear_faults();
        let failed = shop.admin().get("/admin/outbox?status=FAILED").await.expect(200);
        assert_eq!(failed["items"].as_array().unwrap().len(), 2, "{failed}");
        let again = text(&failed["items"][0], "event_id");
        shop.admin().post(&format!("/admin/outbox/{again}/replay"), &json!({})).await.expect(200);
        self.rich("is-not-relayed").await;
    }
}

/// The only order of a customer.
pub(super) async fn only_order(customer: &Session) -> String {
    let orders = customer.get("/orders").await.expect(200);
    assert_eq!(orders["items"].as_array().unwrap().len(), 1, "{orders}");
    text(&orders["items"][0], "order_id")
}
