//! How each action is performed.

use super::client_log::{Purpose, Request};
use super::plan::AT_ONCE_MAX;
use super::script::CellFault;
use super::world::{OPEN_ORDERS_MAX, World};
use super::{Action, world};
use crate::preorders::terms;
use crate::shop::{Caller, Reply};
use crate::template;
use functions::{Trigger, USE_CASES};
use futures_util::future::join;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// An action's round, and its place in it.
pub(super) type At = (usize, usize);

/// The orders of one action of the customer who never pays: more than the limit.
const ORDERS_WITHOUT_END: usize = OPEN_ORDERS_MAX as usize + 2;

/// The time for which an unpaid order holds stock.
const HELD_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The shipping methods that orders choose.
const METHODS: [&str; 2] = ["HOME", "PICKUP"];

/// The element that a number selects, if there is any.
pub(super) fn pick<T: Clone>(from: &[T], number: u8) -> Option<T> {
    from.get(usize::from(number) % from.len().max(1)).cloned()
}

impl World {
    /// Performs an action; `round` and `place` identify it.
    pub(super) async fn perform(&self, round: usize, place: usize, action: &Action) {
        let at = (round, place);
        match action {
            Action::Create { .. }
            | Action::Rename { .. }
            | Action::Reschedule { .. }
            | Action::AdjustStock { .. }
            | Action::ChangePrice { .. }
            | Action::ChangeFee { .. }
            | Action::TopUp { .. }
            | Action::Reshape { .. }
            | Action::AdminCancel { .. }
            | Action::Refund { .. }
            | Action::Ship { .. }
            | Action::ShipMany { .. }
            | Action::CorrectAddress { .. }
            | Action::Configure { .. }
            | Action::Confirm { .. }
            | Action::CancelBatch { .. }
            | Action::Produce { .. }
            | Action::Replay { .. } => self.administer(at, action).await,
            Action::CheckOut { .. }
            | Action::BuyPoints { .. }
            | Action::Fetch { .. }
            | Action::PayAtProvider { .. }
            | Action::DeclineThenPay { .. }
            | Action::CannotTell { .. }
            | Action::Callback { .. }
            | Action::Return { .. } => self.provide(at, action).await,
            Action::Relay
            | Action::LoseChanges
            | Action::WorkAll
            | Action::Work { .. }
            | Action::Double { .. }
            | Action::Delay { .. }
            | Action::Shuffle { .. }
            | Action::SetAside { .. }
            | Action::Poison { .. }
            | Action::Redrive
            | Action::BusOutage
            | Action::LagIndexes { .. }
            | Action::Tick { .. }
            | Action::Pass { .. } => self.turn(at, action).await,
            _ => self.shop_around(at, action).await,
        }
        self.shop.dispatcher.route(&self.shop);
    }

    async fn shop_around(&self, at: At, action: &Action) {
        match action {
            Action::Charge { customer, times } => {
                let body = json!({"amount_cents": 1_000_000 * i64::from(*times)});
                self.ask(at, Purpose::Charge, Self::customer(*customer), "/points/charge", &body, false).await;
            }
            Action::Order { customer, variant, quantity, coupon, later } => {
                let Some(variant) = pick(&self.variants, *variant) else { return };
                let mut body = json!({
                    "lines": [{"variant_id": variant, "quantity": quantity}], "contact": Self::contact(*customer),
                    "shipping": {"method_code": METHODS[usize::from(*quantity) % METHODS.len()]}
                });
                if *coupon {
                    body["coupon_id"] = json!(self.coupons[usize::from(*quantity) % self.coupons.len()]);
                }
                self.ask(at, Purpose::Order, Self::customer(*customer), "/orders", &body, *later).await;
            }
            Action::Reserve { customer, offer, quantity, coupon, later } => {
                let Some(offer) = pick(&self.offers, *offer) else { return };
                let mut body = offer.cart(i64::from(*quantity));
                body["contact"] = Self::contact(*customer);
                body["shipping"] = json!({"method_code": METHODS[usize::from(*customer) % METHODS.len()]});
                if *coupon {
                    body["coupon_id"] = json!(self.coupons[0]);
                }
                self.ask(at, Purpose::Order, Self::customer(*customer), "/orders", &body, *later).await;
            }
            Action::OrderWithoutEnd { variant, later } => self.order_without_end(at, *variant, *later).await,
            Action::SaveAddress { customer } => {
                let mut address = Self::contact(*customer);
                address["address_id"] = json!("home");
                let profile = json!({"addresses": [address]});
                self.update(at, Self::customer(*customer), "PUT", ("/me", &profile)).await;
            }
            Action::Pay { order } => {
                let Some(order) = self.order(*order) else { return };
                let body = json!({"order_id": order.id, "method": "POINTS"});
                self.ask(at, Purpose::Other, order.owner, "/payments", &body, false).await;
            }
            Action::Cancel { order } => {
                let Some(order) = self.order(*order) else { return };
                let target = format!("/orders/{}/cancel", order.id);
                self.ask(at, Purpose::Other, order.owner, &target, &json!({}), false).await;
            }
            Action::TakeCoupon { customer, coupon, later } => {
                let Some(coupon) = pick(&self.coupons, *coupon) else { return };
                let target = format!("/coupons/{coupon}/issue");
                // A ticket id is derived from the customer and needs no key.
                let purpose = if *later { Purpose::Ticket } else { Purpose::Coupon };
                self.ask(at, purpose, Self::customer(*customer), &target, &json!({}), *later).await;
            }
            Action::Look { customer, what } => {
                let targets = [
                    "/orders",
                    "/points",
                    "/points/history",
                    "/me/coupons",
                    "/products",
                    "/sell-windows",
                    "/products/best-sellers",
                    "/shipping-methods",
                    "/coupons",
                ];
                let Some(target) = pick(&targets, *what) else { return };
                self.get(at.1, Self::customer(*customer), target).await;
            }
            Action::Again { request } => {
                let Some(number) = self.recent(*request) else { return };
                self.send(at.1 + at.0, number).await;
            }
            Action::OtherBody { request } => self.send_other_body(at, *request).await,
            _ => {}
        }
    }

    /// Sends a request with a key that identifies the action.
    pub(super) async fn ask(
        &self,
        at: At,
        purpose: Purpose,
        caller: Caller,
        target: &str,
        body: &Value,
        is_async: bool,
    ) -> Option<Reply> {
        let request = Request {
            purpose,
            key: format!("act-{}-{}", at.0, at.1),
            caller,
            method: "POST",
            target: target.to_owned(),
            body: body.to_string(),
            is_async,
            at: self.shop.now(),
            done: None,
            is_definite: false,
        };
        self.post(at.0 + at.1, request).await
    }

    pub(super) async fn get(&self, place: usize, caller: Caller, target: &str) -> Option<Reply> {
        let reply = self.session(place, caller).send_killable("GET", target, None, None).await;
        self.heard(place, target, reply.as_ref());
        if let Some(reply) = reply.as_ref().filter(|reply| reply.status == 500) {
            self.complain(format!("500: GET {target}: {}", reply.text));
        }
        reply
    }

    /// An order of anybody who pays.
    pub(super) fn order(&self, number: u8) -> Option<world::Known> {
        let orders: Vec<_> =
            self.state().orders.iter().filter(|order| order.owner != Self::nonpayer()).cloned().collect();
        pick(&orders, number)
    }

    /// I17: an order beyond the limit is refused, so that one customer cannot hold all stock. Concurrent orders may each be
    /// the last one.
    async fn order_without_end(&self, at: At, variant: u8, later: bool) {
        let Some(variant) = pick(&self.variants, variant) else { return };
        let body = json!({
            "lines": [{"variant_id": variant, "quantity": 1}], "contact": Self::contact(0),
            "shipping": {"method_code": METHODS[0]}
        });
        for n in 1..=ORDERS_WITHOUT_END {
            let at = (at.0, at.1 + n * AT_ONCE_MAX);
            let reply = self.ask(at, Purpose::Order, Self::nonpayer(), "/orders", &body, later).await;
            if reply.is_some_and(|reply| reply.status == 409) {
                break;
            }
        }
        let (mut open, since) = (0, self.shop.now() - HELD_FOR);
        self.shop.aws.engine().each_item("Orders", |item| {
            let is_open = matches!(item["status"]["S"].as_str(), Some("CREATED" | "RESERVED"));
            let placed: Option<i64> = item["created_at"]["N"].as_str().and_then(|millis| millis.parse().ok());
            let is_held = is_open && placed.is_some_and(|millis| millis > since.as_millisecond());
            open += usize::from(is_held && item["pk"]["S"] == "CUSTOMER#nonpayer");
        });
        if open >= OPEN_ORDERS_MAX as usize + AT_ONCE_MAX {
            self.complain(format!("I17, unpaid orders of one customer: {open}"));
        }
    }

    /// One of the last requests, if its key has not expired.
    fn recent(&self, number: u8) -> Option<usize> {
        let state = self.state();
        let count = state.client_log.requests.len();
        let back = usize::from(number) % 12;
        let place = count.checked_sub(back + 1)?;
        self.may_come_again(&state.client_log.requests[place]).then_some(place)
    }

    /// Reuses a key with another body, which must be refused.
    async fn send_other_body(&self, at: At, request: u8) {
        let Some(number) = self.recent(request) else { return };
        let request = self.state().client_log.requests[number].clone();
        if request.purpose != Purpose::Charge || request.done.is_none() {
            return;
        }
        let session = self.session(at.1, request.caller.clone());
        let body = json!({"amount_cents": 7_654_300}).to_string().into_bytes();
        let reply = session.send_killable("POST", &request.target, Some(&request.key), Some(body)).await;
        self.heard(at.1, &request.target, reply.as_ref());
        let Some(reply) = reply else { return };
        if reply.status < 500 && reply.word() != "idempotency_key_reused" {
            self.complain(format!("I2, a key with another body: {}", reply.text));
        }
    }

    async fn administer(&self, at: At, action: &Action) {
        let post = |target: String, body: Value| async move {
            self.ask(at, Purpose::Other, Self::admin(), &target, &body, false).await
        };
        match action {
            Action::Create { what } => {
                let (target, body) = self.thing(at, *what);
                post(target, body).await;
            }
            Action::Rename { variant } => {
                let Some(variant) = pick(&self.variants, *variant) else { return };
                let product = variant.split('.').next().unwrap_or_default();
                self.change(at, "PATCH", &format!("/admin/products/{product}"), &json!({"name": "Oolong"})).await;
            }
            Action::Reschedule { offer } => {
                let Some(offer) = pick(&self.offers, *offer) else { return };
                let target = format!("/admin/batches/{}/schedule", offer.batch());
                self.change(at, "PUT", &target, &json!({"notes": "by sea"})).await;
            }
            Action::AdjustStock { variant, delta } => {
                let Some(variant) = pick(&self.variants, *variant) else { return };
                post(format!("/admin/variants/{variant}/stock"), json!({"delta": delta, "reason": "count"})).await;
            }
            Action::ChangePrice { variant, hundreds } => {
                let Some(variant) = pick(&self.variants, *variant) else { return };
                let body = json!({"price_cents": i64::from(*hundreds) * 10_000});
                self.change(at, "PATCH", &format!("/admin/variants/{variant}"), &body).await;
            }
            Action::ChangeFee { hundreds } => {
                let body = world::home(i64::from(*hundreds) * 1_000);
                self.change(at, "PUT", "/admin/shipping-methods/HOME", &body).await;
            }
            Action::Reshape { variant, shards } => {
                let Some(variant) = pick(&self.variants, *variant) else { return };
                self.change(at, "PATCH", &format!("/admin/variants/{variant}"), &json!({"stock_shards": shards})).await;
            }
            Action::TopUp { coupon, more } => {
                let Some(coupon) = pick(&self.coupons, *coupon) else { return };
                let quantity = self.state().quotas[&coupon] + i64::from(*more);
                let body = json!({"total_quantity": quantity});
                self.change(at, "PATCH", &format!("/admin/coupons/{coupon}"), &body).await;
                self.state().quotas.insert(coupon, quantity);
            }
            Action::AdminCancel { order } => {
                let Some(order) = self.order(*order) else { return };
                post(format!("/admin/orders/{}/cancel", order.id), json!({"reason": "asked"})).await;
            }
            Action::Refund { order, percent } => {
                let Some(order) = self.order(*order) else { return };
                let mut body = json!({"reason": "broken"});
                if *percent < 100 {
                    body["amount_cents"] = json!(order.total_cents * i64::from(*percent) / 10_000 * 100);
                }
                post(format!("/admin/orders/{}/refund", order.id), body).await;
            }
            Action::Ship { order } => {
                let Some(order) = self.order(*order) else { return };
                let body = json!({"carrier": "post", "tracking_no": "1"});
                post(format!("/admin/orders/{}/ship", order.id), body).await;
            }
            Action::ShipMany { order } => {
                let picked = [*order, order.wrapping_add(1)].map(|order| self.order(order));
                let item = |order: &world::Known| json!({"order_id": order.id, "carrier": "post", "tracking_no": "2"});
                let items: Vec<Value> = picked.iter().flatten().map(item).collect();
                post("/admin/shipments".to_owned(), json!({"items": items})).await;
            }
            Action::CorrectAddress { order } => {
                let Some(order) = self.order(*order) else { return };
                let path = format!("/admin/orders/{}/contact", order.id);
                self.change(at, "PATCH", &path, &json!({"shipping_address": "2 Main St"})).await;
            }
            Action::Configure { offer, threshold, capacity } => {
                let Some(offer) = pick(&self.offers, *offer) else { return };
                let mut wanted = terms(i64::from(*threshold));
                wanted["max_total_qty"] = json!(capacity);
                wanted["payment_window_hours"] = json!(1);
                self.change(at, "PUT", &offer.path(), &wanted).await;
            }
            Action::Confirm { offer } => {
                let Some(offer) = pick(&self.offers, *offer) else { return };
                post(format!("/admin/batches/{}/confirm", offer.batch()), json!({})).await;
            }
            Action::CancelBatch { offer } => {
                let Some(offer) = pick(&self.offers, *offer) else { return };
                post(format!("/admin/batches/{}/cancel", offer.batch()), json!({"reason": "no cloth"})).await;
            }
            Action::Produce { offer, step } => {
                let Some(offer) = pick(&self.offers, *offer) else { return };
                let work_order = format!("/admin/work-orders/{}", offer.batch());
                match step % 6 {
                    0 | 1 => drop(post(format!("{work_order}/start"), json!({"operator": "Max"})).await),
                    2 => {
                        let target = format!("{work_order}/steps/{}", 1 + step % 3);
                        self.change(at, "PATCH", &target, &json!({"status": "DONE"})).await;
                    }
                    3 | 4 => drop(post(format!("{work_order}/complete"), json!({})).await),
                    _ => drop(post(format!("{work_order}/fail"), json!({"reason": "fire"})).await),
                }
            }
            Action::Replay { event } => {
                let Some(event) = pick(&self.shop.dispatcher.published(), *event) else { return };
                post(format!("/admin/outbox/{}/replay", event.event_id()), json!({})).await;
            }
            _ => {}
        }
    }

    /// The path and body of a creation.
    fn thing(&self, at: At, what: u8) -> (String, Value) {
        let (now, hour) = (self.shop.now(), SignedDuration::from_hours(1));
        match what % 4 {
            0 => {
                let body = json!({"name": "tea", "description": "", "status": "ACTIVE"});
                ("/admin/products".to_owned(), body)
            }
            1 => {
                let product = self.variants[0].split('.').next().unwrap_or_default();
                let sku = format!("SKU-{}-{}", at.0, at.1);
                let body = json!({"sku": sku, "variant_name": "50 g", "price_cents": 10_000, "stock_qty": 3});
                (format!("/admin/products/{product}/variants"), body)
            }
            2 => {
                let body = json!({
                    "name": "spring", "discount": {"type": "PERCENT", "value": 10}, "total_quantity": 2,
                    "issue_starts_at": now, "issue_ends_at": now + hour, "valid_until": now + hour * 2
                });
                ("/admin/coupons".to_owned(), body)
            }
            _ => {
                let body = json!({"name": "later", "start_at": now, "end_at": now + hour, "timezone": "Asia/Taipei"});
                ("/admin/sell-windows".to_owned(), body)
            }
        }
    }

    /// An admin sends an update.
    async fn change(&self, at: At, method: &'static str, target: &str, body: &Value) {
        self.update(at, Self::admin(), method, (target, body)).await;
    }

    /// Sends an update. It has no key, because repeating an update changes nothing.
    async fn update(&self, at: At, caller: Caller, method: &'static str, (target, body): (&str, &Value)) {
        let request = Request {
            purpose: Purpose::Other,
            key: format!("act-{}-{}", at.0, at.1),
            caller,
            method,
            target: target.to_owned(),
            body: body.to_string(),
            is_async: false,
            at: self.shop.now(),
            done: None,
            is_definite: false,
        };
        self.post(at.0 + at.1, request).await;
    }

    async fn turn(&self, at: At, action: &Action) {
        let environment = self.environment(at.0 + at.1);
        let dispatcher = &self.shop.dispatcher;
        let consumer =
            |number: u8| template::consumers()[usize::from(number) % template::consumers().len()].use_case.as_str();
        match action {
            Action::Relay if self.outages().is_bus_away(self.shop.now()) => {
                // The stream gives a batch up after minutes; one try stands for all of them.
                let changes = dispatcher.new_changes(&self.shop);
                if !changes.is_empty() {
                    environment.invoke_killable("relay_outbox", &json!({ "Records": changes })).await;
                }
            }
            Action::Relay => drop(dispatcher.relay(&environment).await),
            Action::LoseChanges => drop(dispatcher.new_changes(&self.shop)),
            Action::WorkAll => {
                for consumer in template::consumers().iter().map(|consumer| consumer.use_case.as_str()) {
                    if !dispatcher.waiting(consumer).is_empty() && self.has_cell_fault(CellFault::Doubled, consumer) {
                        self.double(consumer);
                        dispatcher.rearrange(consumer, |messages| messages.reverse());
                    }
                }
                dispatcher.work(&environment).await;
            }
            Action::Work { consumer: number } => dispatcher.work_for(&environment, consumer(*number)).await,
            Action::Double { consumer: number } => self.double(consumer(*number)),
            Action::Delay { consumer: number } => {
                let late = dispatcher.take_waiting(consumer(*number));
                self.state().late.extend(late.into_iter().map(|message| (consumer(*number), message.body)));
            }
            Action::Shuffle { consumer: number } => {
                dispatcher.rearrange(consumer(*number), |messages| fastrand::shuffle(messages))
            }
            Action::SetAside { consumer: number } => dispatcher.set_aside(consumer(*number)),
            Action::Poison { consumer: number } => {
                let poison = format!("poison {}-{}", at.0, at.1);
                self.state().poison.insert(poison.clone());
                dispatcher.push(consumer(*number), poison);
            }
            Action::Redrive => dispatcher.redrive(),
            Action::BusOutage => self.outages().begin_of_bus(self.shop.now()),
            Action::LagIndexes { minutes } => {
                let length = SignedDuration::from_mins(i64::from(*minutes));
                self.outages().begin_of_indexes(self.shop.now(), length);
            }
            Action::Tick { schedule, minutes_ago } => {
                let Some(schedule) = pick(&schedules(), *schedule) else { return };
                let time = self.shop.now() - SignedDuration::from_mins(i64::from(*minutes_ago));
                let event = json!({"time": time});
                if self.has_cell_fault(CellFault::TickedTwice, schedule) {
                    let other = self.environment(at.0 + at.1 + 1);
                    join(environment.invoke_killable(schedule, &event), other.invoke_killable(schedule, &event)).await;
                }
                // A failed tick is retried.
                if !matches!(environment.invoke_killable(schedule, &event).await, Some(Ok(_))) {
                    self.environment(at.0 + at.1 + 1).invoke_killable(schedule, &event).await;
                }
            }
            Action::Pass { seconds } => self.shop.advance(SignedDuration::from_secs(i64::from(*seconds))),
            _ => {}
        }
    }
}

impl World {
    /// Duplicates a consumer's messages, and delivers them once more days later.
    fn double(&self, consumer: &'static str) {
        let bodies = self.shop.dispatcher.waiting(consumer).into_iter().map(|message| (consumer, message.body));
        self.state().echoes.extend(bodies);
        self.shop.dispatcher.rearrange(consumer, |messages| messages.extend(messages.clone()));
    }
}

/// The scheduled use cases.
pub(super) fn schedules() -> Vec<&'static str> {
    let scheduled = USE_CASES.iter().filter(|use_case| matches!(use_case.trigger, Trigger::Schedule(_)));
    scheduled.map(|use_case| use_case.name).collect()
}
