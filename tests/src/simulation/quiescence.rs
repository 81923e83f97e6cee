//! Runs the shop to quiescence and checks the invariants that must hold then.

use super::client_log::Purpose;
use super::perform::schedules;
use super::world::{World, is_personal};
use crate::event_dispatcher::QueueMessage;
use crate::fake_providers::{FaultSettings, State as Trade};
use crate::shop::OPENING;
use crate::template;
use domain::Moment;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The number of times that a client repeats a request.
const ASKS: usize = 3;
/// The sweeps after which the outbox must be empty.
const SWEEPS: usize = 3;
/// How long a payment may stay unnoticed whose callback is lost: longer than the longest pause between two lookups.
const UNNOTICED: SignedDuration = SignedDuration::from_hours(4);
/// The half hours that all other schedules run after that, so that pending money arrives.
const HALF_HOURS: usize = 2;
const SWEEP: &str = "sweep_outbox";
/// The delay of a repeated delivery.
const DAYS_LATER: SignedDuration = SignedDuration::from_hours(3 * 24);

impl World {
    /// Delivers everything that is pending, then checks the invariants.
    pub(super) async fn run_to_quiescence(&self) {
        for place in 0..3 {
            self.replace(place);
        }
        self.pending_trades_are_paid();
        self.ask_again().await;
        self.deliver().await;
        self.sweep().await;
        self.send_what_was_set_aside().await;
        self.outbox_is_empty();
        self.messages_come_late().await;
        if !self.state().silent.is_empty() {
            self.wait(UNNOTICED).await;
        }
        for _ in 0..HALF_HOURS {
            self.wait(SignedDuration::from_mins(31)).await;
            self.providers_call_again().await;
        }
        self.deliver().await;
        self.books_add_up().await;
        self.counters_are_whole();
        self.dead_letters_are_poison();
        let orders = self.items("Orders");
        self.requests_had_one_effect(&orders);
        self.changes_were_announced(&orders);
        self.totals_add_up(&orders);
        self.money_is_where_it_should_be();
        self.ranking_is_right(&orders).await;
        self.messages_come_again().await;
        self.nobody_was_told_twice();
        self.nothing_leaked();
    }

    async fn books_add_up(&self) {
        for difference in self.shop.differences().await {
            self.complain(format!("audit {}: {difference}", difference["invariant"].as_str().unwrap_or_default()));
        }
    }

    /// I8: delivers messages that were delayed for days.
    async fn messages_come_late(&self) {
        let late = std::mem::take(&mut self.state().late);
        if !late.is_empty() {
            self.wait(DAYS_LATER).await;
            self.receive(late).await;
        }
    }

    /// I8: delivers messages again that were consumed days ago.
    async fn messages_come_again(&self) {
        let echoes = std::mem::take(&mut self.state().echoes);
        if !echoes.is_empty() {
            self.shop.advance(DAYS_LATER);
            self.receive(echoes).await;
            self.books_add_up().await;
        }
    }

    async fn receive(&self, messages: Vec<(&'static str, String)>) {
        for (consumer, body) in messages {
            self.shop.dispatcher.push(consumer, body);
        }
        self.shop.dispatch_events().await;
    }

    /// Clients without a definite response repeat their request with the same key.
    pub(super) async fn ask_again(&self) {
        let open: Vec<usize> = {
            let state = self.state();
            let requests = state.client_log.requests.iter().enumerate();
            let open = requests.filter(|(_, request)| !request.is_definite && self.may_come_again(request));
            open.map(|(number, _)| number).collect()
        };
        for number in open {
            for _ in 0..ASKS {
                if !self.state().client_log.requests[number].is_definite {
                    self.send(number, number).await;
                }
            }
            let request = self.state().client_log.requests[number].clone();
            if !request.is_definite {
                self.complain(format!("I15, no definite answer: {} {}", request.target, request.key));
            }
        }
    }

    async fn deliver(&self) {
        for _ in 0..2 {
            self.shop.dispatcher.redrive();
            self.shop.dispatch_events().await;
        }
    }

    /// Sweeps the outbox until nothing waits. One sweep reads at most four hours, so after a long outage several are
    /// needed; it leaves records alone that are only seconds old.
    async fn sweep(&self) {
        let opened: Moment = OPENING.parse().unwrap();
        let outage = self.shop.now().duration_since(opened);
        for _ in 0..outage.as_hours() / 4 {
            self.fire(SWEEP).await;
        }
        for _ in 0..SWEEPS {
            self.shop.advance(SignedDuration::from_mins(1));
            self.fire(SWEEP).await;
            self.shop.dispatch_events().await;
            if self.is_quiet() {
                break;
            }
        }
    }

    /// Advances the time and fires every schedule except the outbox sweep, which would read each minute; by now the relay
    /// misses nothing new.
    async fn wait(&self, time: SignedDuration) {
        self.shop.advance(time);
        for schedule in schedules().into_iter().filter(|schedule| *schedule != SWEEP) {
            self.fire(schedule).await;
        }
        self.shop.dispatch_events().await;
    }

    async fn fire(&self, schedule: &str) {
        if let Err(error) = self.shop.tick_at(schedule, self.shop.now()).await {
            self.complain(format!("a schedule failed without faults: {schedule}: {error}"));
        }
    }

    async fn send_what_was_set_aside(&self) {
        let listed = self.shop.admin().get("/admin/outbox?status=FAILED&limit=100").await.expect(200);
        let set_aside = listed["items"].as_array().unwrap();
        for item in set_aside {
            let target = format!("/admin/outbox/{}/replay", item["event_id"].as_str().unwrap());
            self.shop.admin().post(&target, &json!({})).await.expect(200);
        }
        if !set_aside.is_empty() {
            self.sweep().await;
        }
    }

    /// Whether no event is unpublished and no message is due.
    fn is_quiet(&self) -> bool {
        let messages = || template::consumers().iter().all(|consumer| self.due(&consumer.use_case).is_empty());
        self.waiting_events().is_empty() && messages()
    }

    fn outbox_is_empty(&self) {
        for event in self.waiting_events() {
            self.complain(format!("I11, an unpublished event: {event}"));
        }
    }

    /// Each unpublished outbox record, with its status.
    fn waiting_events(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        self.shop.aws.engine().each_item("Outbox", |record| {
            let status = record["status"]["S"].as_str().unwrap_or_default();
            if matches!(status, "NEW" | "FAILED") {
                waiting.push(format!("{status} {}", record["sk"]["S"]));
            }
        });
        waiting
    }

    /// The due messages of a consumer.
    fn due(&self, use_case: &str) -> Vec<QueueMessage> {
        let now = self.shop.now();
        let mut waiting = self.shop.dispatcher.waiting(use_case);
        waiting.retain(|message| message.not_before.is_none_or(|due| due <= now));
        waiting
    }

    /// ECPay and NewebPay repeat their callbacks until they are acknowledged.
    async fn providers_call_again(&self) {
        let mut trades = self.state().trades.clone();
        trades.retain(|number| !self.state().silent.contains(number));
        for number in trades {
            let trade = self.shop.aws.providers().trade(&number);
            let has_callback = trade.way != "LINE_PAY" && trade.state == Trade::Paid;
            if has_callback && !self.call_back(0, &number, FaultSettings::default()).await {
                self.complain(format!("I15, a callback was not acknowledged: {number}"));
            }
        }
        self.shop.dispatch_events().await;
    }

    /// I7: a cancellation may be counted before its reservation, but no counter is negative in the end.
    fn counters_are_whole(&self) {
        for counter in self.items("Counters").iter().filter(|item| item["sk"]["S"] == "COUNTER") {
            for name in ["reserved_qty", "waiting_qty", "paid_qty"] {
                let number = counter[name]["N"].as_str().and_then(|number| number.parse::<i64>().ok());
                if number.is_some_and(|number| number < 0) {
                    self.complain(format!("I7, {name} is negative in the end: {}", counter["pk"]["S"]));
                }
            }
        }
    }

    /// I10: exactly the poison messages are in the dead-letter queues.
    fn dead_letters_are_poison(&self) {
        let poison = self.state().poison.clone();
        for message in self.shop.dispatcher.dead_letters() {
            if !poison.contains(&message) {
                self.complain(format!("I10, a dead-letter message: {message}"));
            }
        }
        for consumer in template::consumers() {
            if !self.due(&consumer.use_case).is_empty() {
                self.complain(format!("I10, an unconsumed message: {}", consumer.use_case));
            }
        }
    }

    /// I2, I4, I5: every successful request has exactly one effect, and there are no other effects.
    fn requests_had_one_effect(&self, in_orders: &[Value]) {
        let (orders, charges, issued) = {
            let state = self.state();
            let orders: BTreeSet<String> =
                state.client_log.done(Purpose::Order).filter_map(|(_, reply)| id(&reply.body, "order_id")).collect();
            let charges = state.client_log.done(Purpose::Charge).count();
            let issued: BTreeSet<(String, String)> = state
                .client_log
                .done(Purpose::Coupon)
                .filter_map(|(request, reply)| {
                    let crate::Caller::Customer(customer) = &request.caller else { return None };
                    Some((format!("CUSTOMER#{customer}"), format!("COUPON#{}", id(&reply.body, "coupon_id")?)))
                })
                .collect();
            (orders, charges, issued)
        };
        // A request with an expired key may have taken effect without a response.
        let unheard = |purpose: Purpose| {
            let state = self.state();
            state
                .client_log
                .requests
                .iter()
                .filter(|request| request.purpose == purpose && !request.is_definite)
                .count()
        };
        let there: BTreeSet<String> = in_orders
            .iter()
            .filter_map(|item| Some(item["sk"]["S"].as_str()?.strip_prefix("ORDER#")?.to_owned()))
            .collect();
        let extra = there.difference(&orders).count();
        if !orders.is_subset(&there) || extra > unheard(Purpose::Order) {
            self.complain(format!("I2, orders: {} stored, {} confirmed", there.len(), orders.len()));
        }
        // The audit matches those that were paid at a provider.
        let is_charge = |item: &&Value| item["type"]["S"] == "CHARGE" && item.get("payment_id").is_none();
        let charged = self.items("Wallets").iter().filter(is_charge).count();
        if charged < charges || charged > charges + unheard(Purpose::Charge) {
            self.complain(format!("I2, charges: {charged} stored, {charges} confirmed"));
        }
        let there: BTreeSet<(String, String)> = self
            .items("Coupons")
            .iter()
            .filter_map(|item| Some((item["pk"]["S"].as_str()?.to_owned(), item["sk"]["S"].as_str()?.to_owned())))
            .collect();
        for coupon in issued.difference(&there) {
            self.complain(format!("I5, a confirmed coupon is missing: {coupon:?}"));
        }
    }

    /// I8: each status change of an order was published, and no other.
    fn changes_were_announced(&self, orders: &[Value]) {
        let mut announced: BTreeSet<(String, String)> = BTreeSet::new();
        for event in self.shop.dispatcher.published() {
            if let Some(order) = event.detail["data"]["order_id"].as_str() {
                announced.insert((order.to_owned(), event.detail_type.clone()));
            }
        }
        let mut happened = BTreeSet::new();
        for item in orders {
            let Some(order) = item["sk"]["S"].as_str().and_then(|sk| sk.strip_prefix("ORDER#")) else { continue };
            for step in item["history"]["L"].as_array().into_iter().flatten() {
                if let Some(event) = event_of(step["M"]["status"]["S"].as_str().unwrap_or_default()) {
                    happened.insert((order.to_owned(), event.to_owned()));
                }
            }
        }
        for (order, event) in happened.difference(&announced) {
            self.complain(format!("I8, never published: {event} of {order}"));
        }
        let is_step = |event: &str| STEPS.iter().any(|(_, of_step)| *of_step == event);
        for (order, event) in announced.difference(&happened).filter(|(_, event)| is_step(event)) {
            self.complain(format!("I8, published without a status change: {event} of {order}"));
        }
    }

    /// I3: what an order costs is its items after the discount and its delivery, and what its customer was told.
    fn totals_add_up(&self, orders: &[Value]) {
        let cents =
            |item: &Value, name: &str| item[name]["N"].as_str().map_or(0, |number| number.parse::<i64>().unwrap());
        let told: BTreeMap<String, i64> =
            self.state().orders.iter().map(|order| (order.id.clone(), order.total_cents)).collect();
        for order in orders {
            let sk = order["sk"]["S"].as_str().unwrap_or_default();
            let Some(id) = sk.strip_prefix("ORDER#") else { continue };
            let lines = order["lines"]["L"].as_array().into_iter().flatten().map(|line| &line["M"]);
            let items: i64 = lines.map(|line| cents(line, "unit_price_cents") * cents(line, "quantity")).sum();
            let shipping = &order["shipping"]["M"];
            let fee = cents(shipping, "base_fee_cents") + cents(shipping, "island_surcharge_cents");
            let total = cents(order, "total_amount_cents");
            let expected = items - cents(order, "discount_cents") + fee;
            if total != expected || told.get(id).is_some_and(|told| *told != total) {
                let told = told.get(id);
                self.complain(format!("I3, the total of {id}: {expected} expected, {total} stored, {told:?} told"));
            }
        }
    }

    /// I3: captured money pays an order or is refunded once, and refunds never exceed the captured amount.
    fn money_is_where_it_should_be(&self) {
        let mut by_trade: BTreeMap<String, String> = BTreeMap::new();
        let mut payments: BTreeMap<String, Value> = BTreeMap::new();
        for item in self.items("Payments") {
            let pk = item["pk"]["S"].as_str().unwrap_or_default().to_owned();
            if let Some(trade) = pk.strip_prefix("TRADE#") {
                by_trade.insert(trade.to_owned(), item["payment_id"]["S"].as_str().unwrap_or_default().to_owned());
            } else if let (Some(payment), "META") =
                (pk.strip_prefix("PAYMENT#"), item["sk"]["S"].as_str().unwrap_or_default())
            {
                payments.insert(payment.to_owned(), item);
            }
        }
        let trades = self.state().trades.clone();
        for number in trades {
            let trade = self.shop.aws.providers().trade(&number);
            if trade.state != Trade::Paid {
                continue;
            }
            let payment = by_trade.get(&number).and_then(|payment| payments.get(payment));
            let status = payment.and_then(|payment| payment["status"]["S"].as_str()).unwrap_or("unknown");
            let refunded: i64 =
                payment.and_then(|payment| payment["refunded_cents"]["N"].as_str()?.parse().ok()).unwrap_or_default();
            let is_taken = matches!(status, "SUCCEEDED" | "REFUND_REQUESTED" | "REFUNDED");
            if !is_taken {
                self.complain(format!("I3, captured money of {number} is not recorded: {status}"));
            } else if refunded != trade.refunded() * 100 {
                let back = trade.refunded() * 100;
                self.complain(format!("I3, refunds of {number}: {back} at the provider, {refunded} recorded"));
            }
        }
    }

    /// I12: the ranking equals a recomputation from the paid orders.
    async fn ranking_is_right(&self, orders: &[Value]) {
        self.shop.tick("refresh_best_sellers").await;
        let shown = self.shop.customer("anyone").get("/products/best-sellers").await.expect(200);
        let (from, to) = (id(&shown, "from").unwrap_or_default(), id(&shown, "to").unwrap_or_default());
        let mut sold: BTreeMap<String, i64> = BTreeMap::new();
        for item in orders {
            let steps = item["history"]["L"].as_array().cloned().unwrap_or_default();
            let paid = steps.iter().find(|step| step["M"]["status"]["S"] == "PAID");
            let Some(paid) = paid.filter(|_| item["status"]["S"] != "REFUNDED") else { continue };
            let millis: i64 = paid["M"]["at"]["N"].as_str().and_then(|at| at.parse().ok()).unwrap_or_default();
            let day = self.shop.app.shop().day(Moment::from_millisecond(millis).unwrap()).to_string();
            if day < from || day > to {
                continue;
            }
            for line in item["lines"]["L"].as_array().into_iter().flatten() {
                let variant = line["M"]["variant_id"]["S"].as_str().unwrap_or_default();
                let product = variant.split('.').next().unwrap_or_default().to_owned();
                let quantity: i64 =
                    line["M"]["quantity"]["N"].as_str().and_then(|n| n.parse().ok()).unwrap_or_default();
                *sold.entry(product).or_default() += quantity;
            }
        }
        let mut expected: Vec<i64> = sold.into_values().filter(|quantity| *quantity > 0).collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        expected.truncate(5);
        let items = shown["items"].as_array().unwrap();
        let shown: Vec<i64> = items.iter().map(|item| item["sold_qty"].as_i64().unwrap_or_default()).collect();
        if shown != expected {
            self.complain(format!("I12, the ranking: {shown:?} shown, {expected:?} sold"));
        }
    }

    /// I13: LINE deduplicates by retry key; the other channels may send a message again only after a fault.
    fn nobody_was_told_twice(&self) {
        let mut times: BTreeMap<(&str, String, String), usize> = BTreeMap::new();
        for taken in self.shop.aws.messengers().accepted() {
            // The subject contains the order number.
            let what = format!("{} {}", taken.subject, taken.text);
            *times.entry((taken.operation, taken.to, what)).or_default() += 1;
        }
        let others = times.iter().filter(|((channel, ..), n)| *channel != "PushMessage" && **n > 1);
        let again: Vec<_> = others.map(|((channel, _, text), n)| (channel, text, n)).collect();
        if again.iter().map(|(.., n)| *n - 1).sum::<usize>() > self.faults_hit() {
            self.complain(format!("I13, sent again without a fault: {again:?}"));
        }
        // Two events can have the same text: an order can be canceled, paid late, and canceled again.
        let told: usize = times.iter().filter(|((channel, ..), _)| *channel == "PushMessage").map(|(_, n)| n).sum();
        let jobs = self.items("Notifications");
        let jobs = jobs.iter().filter(|job| job["pk"]["S"].as_str().is_some_and(|pk| pk.contains("#LINE#"))).count();
        if told > jobs {
            self.complain(format!("I13, {told} LINE messages for {jobs} jobs"));
        }
    }

    /// I14: no event and no dead-letter message contains contact data.
    fn nothing_leaked(&self) {
        for event in self.shop.dispatcher.published().iter().filter(|event| is_personal(&event.detail.to_string())) {
            self.complain(format!("I14, an event: {}", event.detail));
        }
        for message in self.shop.dispatcher.dead_letters().iter().filter(|message| is_personal(message)) {
            self.complain(format!("I14, a dead-letter message: {message}"));
        }
    }

    fn items(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        self.shop.aws.engine().each_item(table, |item| items.push(item));
        items
    }
}

/// The event of each order status.
const STEPS: [(&str, &str); 8] = [
    ("CREATED", "order.created.v1"),
    ("RESERVED", "order.reserved.v1"),
    ("PAID", "order.paid.v1"),
    ("EXPIRED", "order.expired.v1"),
    ("CANCELED", "order.canceled.v1"),
    ("FAILED", "order.failed.v1"),
    ("COMPLETED", "order.completed.v1"),
    ("REFUNDED", "order.refunded.v1"),
];

fn event_of(status: &str) -> Option<&'static str> {
    STEPS.iter().find(|(step, _)| *step == status).map(|(_, event)| *event)
}

fn id(body: &Value, field: &str) -> Option<String> {
    body[field].as_str().map(str::to_owned)
}
