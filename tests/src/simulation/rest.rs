//! What must hold once the faults are over and everybody had time.

use super::book::Purpose;
use super::perform::schedules;
use super::world::{World, is_personal};
use crate::bank::{Knob, State as Trade};
use crate::pump::QueueMessage;
use crate::shop::OPENING;
use crate::template;
use domain::Moment;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How often a client asks again.
const ASKS: usize = 3;
/// How often the outbox is swept in the present, at the most, until nothing may wait in it.
const SWEEPS: usize = 3;
/// How often everything else is looked at after that, half an hour each, so that money on its way arrives.
const HALF_HOURS: usize = 2;
/// The schedule of the outbox.
const SWEEP: &str = "sweep_outbox";
/// How late a message may come again.
const DAYS_LATER: SignedDuration = SignedDuration::from_hours(3 * 24);

impl World {
    /// Lets everything settle, and looks whether all is as it should.
    pub(super) async fn come_to_rest(&self) {
        for place in 0..3 {
            self.replace(place);
        }
        self.ask_again().await;
        self.deliver().await;
        self.sweep().await;
        self.send_what_was_set_aside().await;
        self.outbox_is_empty();
        self.messages_come_late().await;
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

    /// I8: what was held up for days comes at last.
    async fn messages_come_late(&self) {
        let late = std::mem::take(&mut self.state().late);
        if !late.is_empty() {
            self.wait(DAYS_LATER).await;
            self.receive(late).await;
        }
    }

    /// I8: what was consumed days ago comes again.
    async fn messages_come_again(&self) {
        let echoes = std::mem::take(&mut self.state().echoes);
        if !echoes.is_empty() {
            self.shop.pass(DAYS_LATER);
            self.receive(echoes).await;
            self.books_add_up().await;
        }
    }

    async fn receive(&self, messages: Vec<(&'static str, String)>) {
        for (consumer, body) in messages {
            self.shop.pump.push(consumer, body);
        }
        self.shop.pump().await;
    }

    /// Who does not know what became of a request asks again, under the same key.
    pub(super) async fn ask_again(&self) {
        let open: Vec<usize> = {
            let state = self.state();
            let requests = state.book.requests.iter().enumerate();
            let open = requests.filter(|(_, request)| !request.is_definite && self.may_come_again(request));
            open.map(|(number, _)| number).collect()
        };
        for number in open {
            for _ in 0..ASKS {
                if !self.state().book.requests[number].is_definite {
                    self.send(number, number).await;
                }
            }
            let request = self.state().book.requests[number].clone();
            if !request.is_definite {
                self.complain(format!("I15, no definite answer: {} {}", request.target, request.key));
            }
        }
    }

    async fn deliver(&self) {
        for _ in 0..2 {
            self.shop.pump.redrive();
            self.shop.pump().await;
        }
    }

    /// The outbox is swept until nothing waits. A sweep walks four hours: after a long outage it needs some to arrive in the
    /// present, where it leaves alone what is only seconds old.
    async fn sweep(&self) {
        let opened: Moment = OPENING.parse().unwrap();
        let outage = self.shop.now().duration_since(opened);
        for _ in 0..outage.as_hours() / 4 {
            self.fire(SWEEP).await;
        }
        for _ in 0..SWEEPS {
            self.shop.pass(SignedDuration::from_mins(1));
            self.fire(SWEEP).await;
            self.shop.pump().await;
            if self.is_quiet() {
                break;
            }
        }
    }

    /// What waits for its time has it: every schedule fires but the outbox's sweep, which would walk each minute of it; by now
    /// the relay misses nothing that is new.
    async fn wait(&self, time: SignedDuration) {
        self.shop.pass(time);
        for schedule in schedules().into_iter().filter(|schedule| *schedule != SWEEP) {
            self.fire(schedule).await;
        }
        self.shop.pump().await;
    }

    async fn fire(&self, schedule: &str) {
        if let Err(error) = self.shop.tick_at(schedule, self.shop.now()).await {
            self.complain(format!("a tick without faults: {schedule}: {error}"));
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

    /// Whether no event waits for the bus, and no message for its consumer.
    fn is_quiet(&self) -> bool {
        let messages = || template::consumers().iter().all(|consumer| self.due(&consumer.use_case).is_empty());
        self.waiting_events().is_empty() && messages()
    }

    fn outbox_is_empty(&self) {
        for event in self.waiting_events() {
            self.complain(format!("I11, an event that waits: {event}"));
        }
    }

    /// Each record of the outbox that has not left, with its status.
    fn waiting_events(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        self.shop.wire.engine().each_item("Outbox", |record| {
            let status = record["status"]["S"].as_str().unwrap_or_default();
            if matches!(status, "NEW" | "FAILED") {
                waiting.push(format!("{status} {}", record["sk"]["S"]));
            }
        });
        waiting
    }

    /// The messages that a consumer could receive now.
    fn due(&self, use_case: &str) -> Vec<QueueMessage> {
        let now = self.shop.now();
        let mut waiting = self.shop.pump.waiting(use_case);
        waiting.retain(|message| message.not_before.is_none_or(|due| due <= now));
        waiting
    }

    /// ECPay and NewebPay say it until they are heard.
    async fn providers_call_again(&self) {
        let trades = self.state().trades.clone();
        for number in trades {
            let trade = self.shop.wire.bank().trade(&number);
            let has_callback = trade.way != "LINE_PAY" && trade.state == Trade::Paid;
            if has_callback && !self.call_back(0, &number, Knob::default()).await {
                self.complain(format!("I15, a callback that was not heard: {number}"));
            }
        }
        self.shop.pump().await;
    }

    /// I7: a cancellation may be counted before its reservation, but in the end both are.
    fn counters_are_whole(&self) {
        for counter in self.items("Counters").iter().filter(|item| item["sk"]["S"] == "COUNTER") {
            for name in ["reserved_qty", "waiting_qty", "paid_qty"] {
                let number = counter[name]["N"].as_str().and_then(|number| number.parse::<i64>().ok());
                if number.is_some_and(|number| number < 0) {
                    self.complain(format!("I7, {name} below zero at rest: {}", counter["pk"]["S"]));
                }
            }
        }
    }

    /// I10: what nobody understands is set aside, and nothing else is.
    fn dead_letters_are_poison(&self) {
        let poison = self.state().poison.clone();
        for letter in self.shop.pump.dead_letters() {
            if !poison.contains(&letter) {
                self.complain(format!("I10, a dead letter: {letter}"));
            }
        }
        for consumer in template::consumers() {
            if !self.due(&consumer.use_case).is_empty() {
                self.complain(format!("I10, a message that waits: {}", consumer.use_case));
            }
        }
    }

    /// I2, I4, I5: what was done under a key is there, once; and nothing else is.
    fn requests_had_one_effect(&self, in_orders: &[Value]) {
        let (orders, charges, issued) = {
            let state = self.state();
            let orders: BTreeSet<String> =
                state.book.done(Purpose::Order).filter_map(|(_, reply)| id(&reply.body, "order_id")).collect();
            let charges = state.book.done(Purpose::Charge).count();
            let issued: BTreeSet<(String, String)> = state
                .book
                .done(Purpose::Coupon)
                .filter_map(|(request, reply)| {
                    let crate::Caller::Customer(customer) = &request.caller else { return None };
                    Some((format!("CUSTOMER#{customer}"), format!("COUPON#{}", id(&reply.body, "coupon_id")?)))
                })
                .collect();
            (orders, charges, issued)
        };
        // A request whose key is forgotten may have had its effect without anybody hearing of it.
        let unheard = |purpose: Purpose| {
            let state = self.state();
            state.book.requests.iter().filter(|request| request.purpose == purpose && !request.is_definite).count()
        };
        let there: BTreeSet<String> = in_orders
            .iter()
            .filter_map(|item| Some(item["sk"]["S"].as_str()?.strip_prefix("ORDER#")?.to_owned()))
            .collect();
        let extra = there.difference(&orders).count();
        if !orders.is_subset(&there) || extra > unheard(Purpose::Order) {
            self.complain(format!("I2, orders: {} there, {} answered", there.len(), orders.len()));
        }
        let charged = self.items("Wallets").iter().filter(|item| item["type"]["S"] == "CHARGE").count();
        if charged < charges || charged > charges + unheard(Purpose::Charge) {
            self.complain(format!("I2, charges: {charged} there, {charges} answered"));
        }
        let there: BTreeSet<(String, String)> = self
            .items("Coupons")
            .iter()
            .filter_map(|item| Some((item["pk"]["S"].as_str()?.to_owned(), item["sk"]["S"].as_str()?.to_owned())))
            .collect();
        for coupon in issued.difference(&there) {
            self.complain(format!("I5, issued and not there: {coupon:?}"));
        }
    }

    /// I8: each step of an order's life was on the bus, and nothing was that did not happen.
    fn changes_were_announced(&self, orders: &[Value]) {
        let mut announced: BTreeSet<(String, String)> = BTreeSet::new();
        for event in self.shop.pump.published() {
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
            self.complain(format!("I8, never announced: {event} of {order}"));
        }
        let is_step = |event: &str| STEPS.iter().any(|(_, of_step)| *of_step == event);
        for (order, event) in announced.difference(&happened).filter(|(_, event)| is_step(event)) {
            self.complain(format!("I8, announced and never happened: {event} of {order}"));
        }
    }

    /// I3: what a provider took paid its order or went back once; never more went back than was taken.
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
            let trade = self.shop.wire.bank().trade(&number);
            if trade.state != Trade::Paid {
                continue;
            }
            let payment = by_trade.get(&number).and_then(|payment| payments.get(payment));
            let status = payment.and_then(|payment| payment["status"]["S"].as_str()).unwrap_or("unknown");
            let refunded: i64 =
                payment.and_then(|payment| payment["refunded_cents"]["N"].as_str()?.parse().ok()).unwrap_or_default();
            let is_taken = matches!(status, "SUCCEEDED" | "REFUND_REQUESTED" | "REFUNDED");
            if !is_taken {
                self.complain(format!("I3, money that nobody knows of: {number} is {status}"));
            } else if refunded != trade.refunded() * 100 {
                let back = trade.refunded() * 100;
                self.complain(format!("I3, money back: {number}: {back} went back, {refunded} is written down"));
            }
        }
    }

    /// I12: the ranking is what a recomputation from the paid orders says.
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

    /// I13: LINE knows a message by its key; the other channels may say it again only after a fault.
    fn nobody_was_told_twice(&self) {
        let mut times: BTreeMap<(&str, String, String), usize> = BTreeMap::new();
        for taken in self.shop.wire.post().taken() {
            // The subject has the order's number in it.
            let what = format!("{} {}", taken.subject, taken.text);
            *times.entry((taken.operation, taken.to, what)).or_default() += 1;
        }
        let others = times.iter().filter(|((channel, ..), n)| *channel != "PushMessage" && **n > 1);
        let again: Vec<_> = others.map(|((channel, _, text), n)| (channel, text, n)).collect();
        if again.iter().map(|(.., n)| *n - 1).sum::<usize>() > self.struck() {
            self.complain(format!("I13, told again without a fault: {again:?}"));
        }
        // The same words may come of two events: an order can be canceled, paid late, and canceled again.
        let told: usize = times.iter().filter(|((channel, ..), _)| *channel == "PushMessage").map(|(_, n)| n).sum();
        let jobs = self.items("Notifications");
        let jobs = jobs.iter().filter(|job| job["pk"]["S"].as_str().is_some_and(|pk| pk.contains("#LINE#"))).count();
        if told > jobs {
            self.complain(format!("I13, told {told} times by LINE for {jobs} jobs"));
        }
    }

    /// I14: contact data is in no event and in no dead letter.
    fn nothing_leaked(&self) {
        for event in self.shop.pump.published().iter().filter(|event| is_personal(&event.detail.to_string())) {
            self.complain(format!("I14, an event: {}", event.detail));
        }
        for letter in self.shop.pump.dead_letters().iter().filter(|letter| is_personal(letter)) {
            self.complain(format!("I14, a dead letter: {letter}"));
        }
    }

    fn items(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        self.shop.wire.engine().each_item(table, |item| items.push(item));
        items
    }
}

/// Which event announces which step of an order's life.
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
