//! Every alarm of the templates is triggered by its fault, and by nothing else.

use functions::USE_CASES;
use functions::manifest::pascal_case;
use serde_json::json;
use std::collections::BTreeSet;
use tests::alarm_checks::{Alarm, State};
use tests::fake_messengers::FakeResponse;
use tests::fake_providers::FaultSettings;
use tests::fixtures::text;
use tests::template::consumers;
use tests::{Fault, Rule, Shop};

/// More than one minute.
const MINUTELY: [&str; 4] = ["expire_orders", "close_sell_windows", "retry_notifications", "sweep_outbox"];

/// Alarms with their own test below, in which the shop reports their metric.
const OF_OUR_OWN: [&str; 10] = [
    "OutboxIsOld",
    "OutboxHasFailed",
    "ApiFails",
    "AnswersAreFaults",
    "MessagesAreGivenUp",
    "LedgersDiffer",
    "PaymentsAreParked",
    "SignaturesAreBad",
    "CheckoutsAreRefused",
    "ManualRefundsWait",
];

/// Alarms on failures that only AWS can cause.
const OF_AWS: [&str; 5] = [
    "RelayIsBehind",
    "FunctionsAreThrottled",
    "RelayOutboxDlqHasMessages",
    "RulesDlqHasMessages",
    "SchedulesDlqHasMessages",
];

/// The alarms on this metric that the shop can cause.
fn on(metric: &str) -> Vec<&'static Alarm> {
    let ours = |alarm: &&Alarm| alarm.series.1 == metric && !OF_AWS.contains(&alarm.name.as_str());
    Alarm::all().iter().filter(ours).collect()
}

fn is_active(shop: &Shop, alarm: &Alarm) -> bool {
    shop.metrics.state(alarm, shop.now()) == State::Alarm
}

/// The alarms in state ALARM.
fn active_alarms(shop: &Shop) -> BTreeSet<String> {
    Alarm::all().iter().filter(|alarm| is_active(shop, alarm)).map(|alarm| alarm.name.clone()).collect()
}

#[track_caller]
fn assert_rings(shop: &Shop, name: &str) {
    assert!(is_active(shop, Alarm::find(name)), "{name} is not in state ALARM, but {:?}", active_alarms(shop));
}

#[track_caller]
fn assert_silent(shop: &Shop) {
    assert_eq!(active_alarms(shop), BTreeSet::new());
}

/// Advances the clock minute by minute; schedules fire, events are delivered and SQS reports its metrics.
async fn minutes(shop: &Shop, count: usize) {
    for _ in 0..count {
        for sweep in MINUTELY {
            shop.tick(sweep).await;
        }
        shop.dispatch_events().await;
        shop.dispatcher.measure(shop);
        shop.advance_minutes(1);
    }
}

/// Advances the clock by a quarter of an hour without activity, so that every alarm returns to OK.
async fn silence(shop: &Shop) {
    shop.tick("sweep_outbox").await;
    shop.advance_minutes(11);
    for _ in 0..4 {
        shop.tick("sweep_outbox").await;
        shop.advance_minutes(1);
    }
    assert_silent(shop);
}

/// The use case whose queue, or dead-letter queue, an alarm is about.
fn consumer_of(alarm: &Alarm, suffix: &str) -> String {
    let id = alarm.series.2["QueueName"].trim_start_matches("tests-").trim_end_matches(suffix);
    USE_CASES.iter().find(|use_case| pascal_case(use_case.name) == id).unwrap().name.to_owned()
}

/// A shop that has run long enough for every alarm to be evaluated.
async fn awake() -> Shop {
    let shop = Shop::open();
    silence(&shop).await;
    shop
}

#[test]
fn every_alarm_of_the_templates_has_a_test_that_triggers_it() {
    let by_kind = ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"];
    let rung: Vec<String> = by_kind.iter().flat_map(|metric| on(metric)).map(|alarm| alarm.name.clone()).collect();
    let named = OF_OUR_OWN.iter().chain(&OF_AWS).map(|name| (*name).to_owned());
    let rung: BTreeSet<String> = rung.into_iter().chain(named).collect();
    let all: BTreeSet<String> = Alarm::all().iter().map(|alarm| alarm.name.clone()).collect();
    assert_eq!(rung, all, "alarms with a test here (left) and alarms of the templates (right)");
}

#[tokio::test(start_paused = true)]
async fn an_ordinary_day_triggers_no_alarm() {
    let shop = awake().await;
    let variant = shop.variant(20).await;
    let mut watched = BTreeSet::new();
    for name in ["ann", "bob"] {
        let ann = shop.customer(name);
        ann.charge(1_000_000).await.expect(200);
        let (paid, canceled) = (ann.order(&variant, 1).await, ann.order(&variant, 1).await);
        ann.pay(&paid).await.expect(201);
        shop.dispatch_events().await;
        shop.admin().post(&format!("/admin/orders/{paid}/cancel"), &json!({})).await.expect(200);
        shop.cancel(&canceled).await.expect(200);
        ann.order(&variant, 1).await;
        let open = ann.check_out(&ann.order(&variant, 1).await, "ECPAY").await;
        shop.aws.providers().pay(&open.trade_no);
        shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
        // A refusal is not an error, and one busy response is not an outage.
        ann.post("/orders", &json!({})).await.refused(422, "invalid_request");
        shop.inject(Rule::every("TransactWriteItems", Fault::Throttled).by("charge_points"));
        ann.charge(1_000_000).await.refused(503, "busy");
        shop.aws.clear_faults();
        for _ in 0..20 {
            minutes(&shop, 1).await;
            assert_silent(&shop);
        }
        for daily in ["reconcile_payments", "finalize_batches", "refresh_best_sellers", "record_daily_sales"] {
            shop.tick(daily).await;
        }
        shop.tick("audit_ledgers").await;
        watched.extend(shop.metrics.series());
    }
    minutes(&shop, 10).await;
    assert_silent(&shop);
    // Silence is only meaningful if there were values. Metrics that count failures have none on such a day.
    let silent_by_nature =
        ["Faults", "NotificationsFailed", "PaymentsParked", "BadSignatures", "ManualRefunds", "CheckoutsRefused"]
            .map(str::to_owned);
    for alarm in Alarm::all().iter().filter(|alarm| !OF_AWS.contains(&alarm.name.as_str())) {
        let has_none = silent_by_nature.contains(&alarm.series.1);
        assert_eq!(watched.contains(&alarm.series), !has_none, "{}: the metric has no values", alarm.name);
        if !has_none {
            assert_eq!(shop.metrics.state(alarm, shop.now()), State::Ok, "{}", alarm.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_tick_at_which_a_function_fails_rings_the_alarm_on_missed_ticks() {
    let shop = awake().await;
    for use_case in USE_CASES.iter().filter(|use_case| use_case.manifest.schedule.is_some()) {
        shop.invoke(use_case.name, &json!({"neither": "a tick nor a request"})).await.unwrap_err();
        minutes(&shop, 1).await;
        assert_eq!(active_alarms(&shop), BTreeSet::from(["SchedulesDlqHasMessages".to_owned()]), "{}", use_case.name);
        silence(&shop).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_message_older_than_ten_minutes_triggers_the_alarm_of_its_queue() {
    let shop = awake().await;
    for alarm in on("ApproximateAgeOfOldestMessage") {
        let use_case = consumer_of(alarm, "Queue");
        shop.dispatcher.push(&use_case, "{}".to_owned());
        // The message is not received: its function does not run.
        for minute in 0..14 {
            shop.tick("sweep_outbox").await;
            shop.dispatcher.measure(&shop);
            shop.advance_minutes(1);
            assert_eq!(is_active(&shop, alarm), minute == 13, "{} after {minute} minutes", alarm.name);
        }
        assert_eq!(active_alarms(&shop), BTreeSet::from([alarm.name.clone()]));
        shop.dispatcher.rearrange(&use_case, Vec::clear);
        silence(&shop).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_dead_letter_message_triggers_its_alarm_until_it_is_removed() {
    let (shop, alarms) = (awake().await, on("ApproximateNumberOfMessagesVisible"));
    assert_eq!(alarms.len(), consumers().iter().map(|consumer| &consumer.use_case).collect::<BTreeSet<_>>().len());
    for alarm in alarms {
        let use_case = consumer_of(alarm, "Dlq");
        shop.dispatcher.push(&use_case, "not json".to_owned());
        minutes(&shop, 1).await;
        assert_eq!(active_alarms(&shop), BTreeSet::from([alarm.name.clone()]));
        shop.dispatcher.redrive();
        shop.dispatcher.rearrange(&use_case, Vec::clear);
        minutes(&shop, 1).await;
        assert_silent(&shop);
    }
}

#[tokio::test(start_paused = true)]
async fn failures_that_only_aws_can_cause_trigger_their_alarms() {
    let shop = awake().await;
    for alarm in OF_AWS.map(Alarm::find) {
        let (namespace, metric, dimensions) = &alarm.series;
        let dimensions: Vec<_> = dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let say = async |value: i64| {
            for _ in 0..alarm.periods * alarm.period_seconds / 60 {
                shop.metrics.put((namespace, metric, &dimensions), value, shop.now());
                shop.tick("sweep_outbox").await;
                shop.advance_minutes(1);
            }
        };
        say(0).await;
        assert_silent(&shop);
        say(alarm.threshold + 1).await;
        assert_eq!(active_alarms(&shop), BTreeSet::from([alarm.name.clone()]));
        silence(&shop).await;
    }
}

#[tokio::test(start_paused = true)]
async fn unpublished_events_older_than_a_minute_trigger_an_alarm() {
    let shop = awake().await;
    shop.inject(Rule::every("PutEvents", Fault::Throttled));
    shop.customer("ann").charge(1_000_000).await.expect(200);
    minutes(&shop, 3).await;
    assert_silent(&shop);
    minutes(&shop, 2).await;
    assert_rings(&shop, "OutboxIsOld");
    shop.aws.clear_faults();
    minutes(&shop, 5).await;
    assert_silent(&shop);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_does_not_run_triggers_an_alarm() {
    let shop = awake().await;
    for _ in 0..3 {
        shop.tick("expire_orders").await;
        shop.advance_minutes(1);
    }
    assert_rings(&shop, "OutboxIsOld");
}

#[tokio::test(start_paused = true)]
async fn failed_outbox_events_trigger_an_alarm_until_they_are_replayed() {
    let shop = awake().await;
    shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
    shop.customer("ann").charge(1_000_000).await.expect(200);
    minutes(&shop, 8).await;
    assert_rings(&shop, "OutboxHasFailed");
    shop.aws.clear_faults();
    let failed = shop.admin().get("/admin/outbox?status=FAILED").await.expect(200);
    let event = text(&failed["items"][0], "event_id");
    shop.admin().post(&format!("/admin/outbox/{event}/replay"), &json!({})).await.expect(200);
    minutes(&shop, 6).await;
    assert_silent(&shop);
}

#[tokio::test(start_paused = true)]
async fn one_internal_error_triggers_the_function_alarm_and_five_trigger_the_api_alarm() {
    let shop = awake().await;
    shop.inject(Rule::every("BatchGetItem", Fault::Canceled(Vec::new())).by("place_order"));
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let wanted = tests::fixtures::cart(&variant, 1);
    ann.post("/orders", &wanted).await.refused(500, "internal_error");
    minutes(&shop, 1).await;
    assert_eq!(active_alarms(&shop), BTreeSet::from(["AnswersAreFaults".to_owned()]));
    for _ in 0..4 {
        ann.post("/orders", &wanted).await.refused(500, "internal_error");
    }
    minutes(&shop, 1).await;
    assert_rings(&shop, "ApiFails");
}

#[tokio::test(start_paused = true)]
async fn five_busy_responses_trigger_only_the_api_alarm() {
    let shop = awake().await;
    shop.inject(Rule::every("TransactWriteItems", Fault::Throttled));
    for count in 1..=5 {
        shop.customer("ann").charge(1_000_000).await.refused(503, "busy");
        assert!(count == 5 || active_alarms(&shop).is_empty());
    }
    shop.aws.clear_faults();
    minutes(&shop, 1).await;
    assert_eq!(active_alarms(&shop), BTreeSet::from(["ApiFails".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn five_failed_notifications_trigger_an_alarm_and_four_do_not() {
    for (count, wanted) in [(4, false), (5, true)] {
        let shop = awake().await;
        let variant = shop.variant(9).await;
        for n in 0..count {
            let ann = shop.customer(&format!("ann-{n}"));
            shop.cancel(&ann.order(&variant, 1).await).await.expect(200);
            shop.aws.messengers().refuse("SendEmail", FakeResponse::new(400, r#"{"__type":"MessageRejected"}"#));
        }
        minutes(&shop, 1).await;
        assert_eq!(is_active(&shop, Alarm::find("MessagesAreGivenUp")), wanted, "{count}: {:?}", active_alarms(&shop));
    }
}

#[tokio::test(start_paused = true)]
async fn an_audit_difference_triggers_an_alarm_until_an_audit_finds_none() {
    let shop = awake().await;
    let ann = shop.customer("ann");
    ann.charge(1_000_000).await.expect(200);
    minutes(&shop, 1).await;
    let change_balance = |cents: i64| {
        let wallets = shop.aws.engine().items("Wallets");
        let mut wallet = wallets.iter().find(|item| item["sk"]["S"] == "BALANCE").unwrap().clone();
        let before: i64 = wallet["balance_cents"]["N"].as_str().unwrap().parse().unwrap();
        wallet["balance_cents"]["N"] = json!((before + cents).to_string());
        shop.aws.engine().run("PutItem", &json!({"TableName": "Wallets", "Item": wallet}));
    };
    change_balance(1);
    shop.tick("audit_ledgers").await;
    for _ in 0..30 {
        minutes(&shop, 1).await;
        assert_rings(&shop, "LedgersDiffer");
    }
    change_balance(-1);
    shop.tick("audit_ledgers").await;
    minutes(&shop, 5).await;
    assert_silent(&shop);
}

/// A checkout that was paid at ECPay without a callback.
async fn paid_at_ecpay(shop: &Shop) -> (String, String) {
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    (order, open.trade_no)
}

#[tokio::test(start_paused = true)]
async fn money_that_matches_no_payment_triggers_an_alarm() {
    let shop = awake().await;
    let (_, trade_no) = paid_at_ecpay(&shop).await;
    shop.ecpay_calls(&trade_no, FaultSettings { more: 1, ..FaultSettings::default() }).await;
    minutes(&shop, 1).await;
    assert_eq!(active_alarms(&shop), BTreeSet::from(["PaymentsAreParked".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_callback_with_an_invalid_signature_triggers_an_alarm() {
    let shop = awake().await;
    let (_, trade_no) = paid_at_ecpay(&shop).await;
    shop.ecpay_calls(&trade_no, FaultSettings { bad_signature: true, ..FaultSettings::default() }).await;
    minutes(&shop, 1).await;
    assert_eq!(active_alarms(&shop), BTreeSet::from(["SignaturesAreBad".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_refuses_to_begin_triggers_an_alarm() {
    let shop = awake().await;
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "LINE_PAY").await.expect(201);
    let refused = tests::fake_messengers::FakeResponse::new(200, json!({"returnCode": "1124"}).to_string());
    shop.aws.providers().refuse("LineRequest", refused);
    shop.press_checkout(&payment).await.refused(409, "payment_method_not_offered");
    minutes(&shop, 1).await;
    assert_eq!(active_alarms(&shop), BTreeSet::from(["CheckoutsAreRefused".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_manual_refund_task_triggers_an_alarm() {
    let shop = awake().await;
    let (order, trade_no) = paid_at_ecpay(&shop).await;
    shop.aws.providers().change(&trade_no, |trade| trade.way = "ATM_TAISHIN".to_owned());
    shop.ecpay_calls(&trade_no, FaultSettings::default()).await;
    minutes(&shop, 1).await;
    // After the quarter of an hour in which ECPay settles and refuses refunds.
    silence(&shop).await;
    shop.admin().post(&format!("/admin/orders/{order}/refund"), &json!({"reason": "broken cup"})).await.expect(200);
    minutes(&shop, 1).await;
    assert_eq!(active_alarms(&shop), BTreeSet::from(["ManualRefundsWait".to_owned()]));
}
