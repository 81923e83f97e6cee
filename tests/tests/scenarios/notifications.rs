//! Notifications: one job and one message per event, channel and recipient, whatever is duplicated, late or lost.

use domain::notification::Channels;
use functions::Messaging;
use jiff::SignedDuration;
use messages::Language;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tests::data_leaks::LINE_ID;
use tests::event_dispatcher::QueueMessage;
use tests::fake_messengers::{AcceptedMessage, FakeResponse};
use tests::fixtures::{cart, text};
use tests::preorders::terms;
use tests::shop::{Session, messaging};
use tests::{Fault, Rule, Shop};

pub(crate) const MAIL: &str = "SendEmail";
const LINE: &str = "PushMessage";
pub(crate) const SMS: &str = "Publish";
const SLACK: &str = "PostWebhook";
/// Data that no event, item or failure may contain.
const PERSONAL: [&str; 6] = ["Ada", "0912345678", "912345678", "ada@example.com", "Main St", LINE_ID];

/// An order, canceled by an admin, of a customer with e-mail, LINE and phone; its event is not yet relayed.
pub(crate) async fn canceled(shop: &Shop) -> (Session, String) {
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    let mut wanted = cart(&variant, 1);
    wanted["contact"]["line_user_id"] = json!(LINE_ID);
    let order = text(&ann.post("/orders", &wanted).await.expect(201), "order_id");
    shop.cancel(&order).await.expect(200);
    (ann, order)
}

/// A shop with these channels in addition to e-mail.
pub(crate) fn with_channels(line: bool, sms: bool) -> Shop {
    let sms = sms.then(|| "886".to_owned());
    let channels = Channels { line, sms, ..messaging().channels };
    Shop::open().with_messaging(Messaging { channels, ..messaging() })
}

pub(crate) fn by<'t>(taken: &'t [AcceptedMessage], operation: &str) -> Vec<&'t AcceptedMessage> {
    taken.iter().filter(|taken| taken.operation == operation).collect()
}

pub(crate) async fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let found = shop.admin().get(&format!("/admin/notifications{query}")).await.expect(200);
    found["items"].as_array().unwrap().clone()
}

/// The only job of a channel, as an admin sees it.
pub(crate) async fn job(shop: &Shop, channel: &str) -> Value {
    let jobs: Vec<Value> = listed(shop, "").await.into_iter().filter(|job| job["channel"] == channel).collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs[0].clone()
}

fn announced(shop: &Shop, event_type: &str) -> usize {
    let all = shop.dispatcher.published();
    let found = all.iter().filter(|event| event.detail_type == event_type);
    found.map(|event| event.event_id().to_owned()).collect::<BTreeSet<_>>().len()
}

/// The number of messages whose subject contains this text.
fn about(shop: &Shop, subject: &str) -> usize {
    shop.aws.messengers().accepted().iter().filter(|message| message.subject.contains(subject)).count()
}

/// Routes all events to their queues without consuming them.
async fn route(shop: &Shop) {
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
}

fn twice_and_in_reverse(messages: &mut Vec<QueueMessage>) {
    let again: Vec<QueueMessage> = messages
        .iter()
        .map(|message| QueueMessage { id: format!("{}-again", message.id), ..message.clone() })
        .collect();
    messages.extend(again);
    messages.reverse();
}

#[tokio::test(start_paused = true)]
async fn a_customer_is_notified_once_on_each_channel() {
    let shop = with_channels(true, true);
    let (_, order) = canceled(&shop).await;
    shop.dispatch_events().await;
    let taken = shop.aws.messengers().accepted();
    let (mail, line, sms) = (by(&taken, MAIL), by(&taken, LINE), by(&taken, SMS));
    assert_eq!((mail.len(), line.len(), sms.len(), taken.len()), (1, 1, 1, 3));
    assert_eq!(
        (mail[0].to.as_str(), line[0].to.as_str(), sms[0].to.as_str()),
        ("ada@example.com", LINE_ID, "+886912345678")
    );
    let number = text(&shop.admin().get(&format!("/admin/orders/{order}")).await.expect(200), "order_no");
    assert_eq!(mail[0].subject, format!("Order {number} was canceled"));
    assert_eq!(sms[0].text, mail[0].subject, "a text message is as short as possible");
    assert!(mail[0].text.starts_with("Hello Ada,") && mail[0].html.contains("<p>Hello Ada,</p>"));
    assert!(line[0].text.contains(&mail[0].text));
    for job in listed(&shop, "?status=SENT").await {
        assert_eq!((&job["order_id"], &job["retry_count"]), (&json!(order), &json!(0)));
        assert!(job["sent_at"].is_string() && job.get("last_failure").is_none(), "{job}");
    }
    assert_eq!((announced(&shop, "notification.requested.v1"), announced(&shop, "notification.sent.v1")), (3, 3));
    shop.run_to_quiescence().await;
    assert_eq!(shop.aws.messengers().accepted().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn duplicated_and_reversed_events_create_one_job_and_one_message_each() {
    let shop = with_channels(true, false);
    let ann = shop.customer("ann");
    let offered = shop.offered(&terms(2)).await;
    // Expired, canceled, payment request, threshold reached, shipped and failed, each for one e-mail address.
    let variant = shop.variant(5).await;
    let expiring = ann.order(&variant, 1).await;
    ann.order(&variant, 1).await;
    let shipped = ann.order(&variant, 1).await;
    ann.charge(1_000_000).await.expect(200);
    ann.pay(&shipped).await.expect(201);
    let orders = shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "1"});
    shop.admin().post(&format!("/admin/orders/{shipped}/ship"), &parcel).await.expect(200);
    let canceled = ann.order(&variant, 1).await;
    shop.cancel(&canceled).await.expect(200);
    shop.advance_minutes(16);
    shop.tick("expire_orders").await;
    let event = |n: u8, event_type: &str, data: Value| {
        let id = format!("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a{n}0");
        let detail = json!({
            "event_id": id, "type": event_type, "occurred_at": shop.now(), "aggregate": {"type": "order", "id": "x", "version": 9},
            "correlation_id": "c", "causation_id": "c", "data": data
        });
        tests::events::delivery("millrun.orders", event_type, &detail)
    };
    let failed = json!({
        "order_id": expiring, "customer_id": "ann", "kind": "INSTANT", "lines": [], "was_paid": true, "reason": "x", "version": 9
    });
    shop.dispatcher.push("request_notifications", event(6, "order.failed.v1", failed));
    // In rounds, so that the effects of duplicated events are duplicated too.
    for _ in 0..12 {
        route(&shop).await;
        for queue in ["request_notifications", "send_notification"] {
            shop.dispatcher.rearrange(queue, twice_and_in_reverse);
        }
        shop.dispatcher.work(&shop).await;
    }
    let sent = listed(&shop, "?status=SENT&limit=100").await;
    let mut told: Vec<(String, String)> = sent
        .iter()
        .map(|job| (text(job, "template_key"), job["order_id"].as_str().unwrap_or_default().to_owned()))
        .collect();
    told.sort();
    let keys: Vec<&str> = told.iter().map(|(key, _)| key.as_str()).collect();
    let wanted = [
        "order_canceled",
        "order_expired",
        "order_expired",
        "order_failed",
        "order_paid",
        "order_placed",
        "order_placed",
        "order_placed",
        "order_shipped",
        "payment_requested",
        "payment_requested",
        "preorder_reserved",
        "preorder_reserved",
        "threshold_reached",
    ];
    assert_eq!(keys, wanted);
    let taken = shop.aws.messengers().accepted();
    assert_eq!((by(&taken, MAIL).len(), by(&taken, SLACK).len(), taken.len()), (13, 1, 14));
    assert_eq!((shop.aws.messengers().calls(MAIL), shop.aws.messengers().calls(SLACK)), (13, 1));
    let reminders = listed(&shop, "?status=REQUESTED").await;
    assert_eq!(reminders.len(), 2, "one per payment request");
    assert!(orders.iter().all(|(_, order)| reminders.iter().any(|job| job["order_id"] == *order)));
    let slack = by(&taken, SLACK)[0];
    assert!(slack.text.contains("2 reserved, the batch can be confirmed"), "{}", slack.text);
    shop.run_to_quiescence().await;
    assert_eq!(shop.aws.messengers().accepted().len(), 14);
}

#[tokio::test(start_paused = true)]
async fn two_environments_with_the_same_job_send_one_message() {
    for seed in 0..8 {
        let shop = with_channels(false, false);
        shop.aws.shuffle(seed);
        canceled(&shop).await;
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        shop.dispatcher.work(&shop).await;
        route(&shop).await;
        let message = shop.dispatcher.waiting("send_notification").remove(0);
        let record = tests::events::sqs(&[(message.id, message.body)]);
        let (one, other) = (shop.fresh_environment(), shop.fresh_environment());
        let (one, other) =
            tokio::join!(one.invoke("send_notification", &record), other.invoke("send_notification", &record));
        for answer in [one, other] {
            assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
        }
        shop.run_to_quiescence().await;
        assert_eq!(shop.aws.messengers().calls(MAIL), 1, "seed {seed}");
        assert_eq!(job(&shop, "EMAIL").await["status"], "SENT");
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_the_response_of_line_and_our_write_sends_once() {
    let shop = with_channels(true, false);
    canceled(&shop).await;
    shop.inject(Rule::next(LINE, Fault::KilledAfter));
    shop.dispatch_events().await;
    shop.aws.assert_faults_hit();
    assert_eq!(job(&shop, "LINE").await["status"], "REQUESTED");
    shop.advance_minutes(3);
    shop.tick("retry_notifications").await;
    assert_eq!(
        (job(&shop, "LINE").await["status"].clone(), job(&shop, "LINE").await["retry_count"].clone()),
        (json!("SENT"), json!(1))
    );
    let taken = shop.aws.messengers().accepted();
    assert_eq!(by(&taken, LINE).len(), 1, "LINE had the retry key");
    assert_eq!(shop.aws.messengers().calls(LINE), 2);
    shop.run_to_quiescence().await;
    assert_eq!(announced(&shop, "notification.sent.v1"), 2, "the mail's and LINE's");
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_the_response_of_ses_and_our_write_sends_at_most_twice() {
    let shop = with_channels(false, false);
    canceled(&shop).await;
    shop.inject(Rule::next(MAIL, Fault::KilledAfter).times(2));
    shop.dispatch_events().await;
    shop.advance_minutes(3);
    let tick = json!({"time": shop.now()});
    assert!(shop.invoke_killable("retry_notifications", &tick).await.is_none());
    shop.aws.assert_faults_hit();
    for _ in 0..6 {
        shop.advance_minutes(60);
        shop.tick("retry_notifications").await;
    }
    assert_eq!(shop.aws.messengers().accepted().len(), 2);
    let job = job(&shop, "EMAIL").await;
    assert_eq!((&job["status"], &job["last_failure"]), (&json!("FAILED"), &json!("interrupted")));
    shop.run_to_quiescence().await;
    assert_eq!(announced(&shop, "notification.failed.v1"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kill_before_the_channel_is_called_does_not_lose_the_message() {
    for operation in [MAIL, LINE] {
        let shop = with_channels(true, false);
        canceled(&shop).await;
        shop.inject(Rule::next(operation, Fault::KilledBefore));
        shop.dispatch_events().await;
        shop.aws.assert_faults_hit();
        shop.advance_minutes(3);
        shop.tick("retry_notifications").await;
        shop.run_to_quiescence().await;
        let taken = shop.aws.messengers().accepted();
        assert_eq!((by(&taken, MAIL).len(), by(&taken, LINE).len()), (1, 1), "{operation}");
        assert_eq!(listed(&shop, "?status=SENT").await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_response_of_line_causes_no_second_message() {
    let shop = with_channels(true, false);
    canceled(&shop).await;
    shop.aws.messengers().answer_late(LINE, Duration::from_secs(60));
    shop.dispatch_events().await;
    let late = job(&shop, "LINE").await;
    assert_eq!((&late["status"], &late["last_failure"]), (&json!("REQUESTED"), &json!("timeout")));
    shop.tick("retry_notifications").await;
    assert_eq!(shop.aws.messengers().calls(LINE), 1, "its back-off has not elapsed");
    shop.advance_minutes(1);
    shop.tick("retry_notifications").await;
    assert_eq!((shop.aws.messengers().calls(LINE), by(&shop.aws.messengers().accepted(), LINE).len()), (2, 1));
    assert_eq!(job(&shop, "LINE").await["status"], "SENT");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_result_without_an_idempotency_key_is_retried_once() {
    for (late, word) in [(true, "timeout"), (false, "connection_lost")] {
        let shop = with_channels(false, true);
        canceled(&shop).await;
        for _ in 0..2 {
            if late {
                shop.aws.messengers().answer_late(SMS, Duration::from_secs(60));
            } else {
                shop.inject(Rule::next(SMS, Fault::AnswerLost));
            }
        }
        shop.dispatch_events().await;
        for _ in 0..8 {
            shop.advance_minutes(60);
            shop.tick("retry_notifications").await;
        }
        assert_eq!(by(&shop.aws.messengers().accepted(), SMS).len(), 2, "each costs money");
        let job = job(&shop, "SMS").await;
        assert_eq!(
            (&job["status"], &job["last_failure"], &job["retry_count"]),
            (&json!("FAILED"), &json!(word), &json!(1))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_channel_is_tried_for_three_days_with_increasing_back_off() {
    let shop = with_channels(false, false);
    let (ann, order) = canceled(&shop).await;
    for n in 0..80 {
        let (status, body) = [(500, "{}"), (429, r#"{"__type":"TooManyRequestsException"}"#)][n % 2];
        shop.aws.messengers().refuse(MAIL, FakeResponse::new(status, body));
    }
    shop.dispatch_events().await;
    let mut minutes = Vec::new();
    // Every minute of the first hours, then the minutes just before and at each retry.
    let later = (1..=19).flat_map(|n| [320 + 240 * n, 321 + 240 * n]);
    let mut now = 0;
    for minute in (1..=330).chain(later) {
        shop.advance_minutes(i64::from(minute - now));
        now = minute;
        let before = shop.aws.messengers().calls(MAIL);
        shop.tick("retry_notifications").await;
        if shop.aws.messengers().calls(MAIL) > before {
            minutes.push(minute);
        }
    }
    let expected: Vec<i32> = [1, 6, 21, 81].into_iter().chain((0..=17).map(|n| 321 + 240 * n)).collect();
    assert_eq!(minutes, expected, "1, 5, 15, 60 minutes after one another, then every 240");
    let job = job(&shop, "EMAIL").await;
    assert_eq!((&job["status"], &job["retry_count"]), (&json!("FAILED"), &json!(22)));
    shop.dispatch_events().await;
    assert_eq!((announced(&shop, "notification.failed.v1"), announced(&shop, "notification.sent.v1")), (1, 0));
    assert_eq!(ann.status(&order).await, "CANCELED", "a notification that cannot be sent does not fail the order");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_retry_after_of_a_channel_is_respected() {
    let shop = with_channels(true, false);
    canceled(&shop).await;
    let limited = FakeResponse::new(429, r#"{"message":"rate limit"}"#).with("retry-after", "600");
    shop.aws.messengers().refuse(LINE, limited);
    shop.dispatch_events().await;
    for minute in 1..=11 {
        shop.advance_minutes(1);
        shop.tick("retry_notifications").await;
        assert_eq!(shop.aws.messengers().calls(LINE), if minute < 10 { 1 } else { 2 }, "minute {minute}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_permanently_rejected_message_fails_at_once() {
    let mail = |kind: &str| {
        FakeResponse::new(400, json!({"__type": kind, "message": "ada@example.com is not verified"}).to_string())
    };
    let sms = |code: &str| {
        FakeResponse::new(400, format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"))
    };
    let line = |status: u16| FakeResponse::new(status, r#"{"message":"The property 'to' is invalid: U0123"}"#);
    let mut cases: Vec<(&'static str, FakeResponse, String)> = Vec::new();
    for kind in
        ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException", "AccountSuspendedException"]
    {
        cases.push((MAIL, mail(kind), kind.to_owned()));
    }
    for code in ["InvalidParameter", "ParameterValueInvalid", "AuthorizationError", "EndpointDisabled"] {
        cases.push((SMS, sms(code), code.to_owned()));
    }
    for status in [400, 403, 413, 415] {
        cases.push((LINE, line(status), format!("status_{status}")));
    }
    cases.push((
        LINE,
        FakeResponse::new(429, r#"{"message":"You have reached your monthly limit."}"#),
        "monthly_limit".to_owned(),
    ));
    let shop = with_channels(true, true);
    let most = cases.len();
    for (n, (operation, said, word)) in cases.into_iter().enumerate() {
        shop.advance_minutes(24 * 60); // A customer gets so many messages a day.
        canceled(&shop).await;
        shop.aws.messengers().refuse(operation, said);
        shop.dispatch_events().await;
        let before = shop.aws.messengers().calls(operation);
        shop.advance_minutes(10);
        shop.tick("retry_notifications").await;
        assert_eq!(shop.aws.messengers().calls(operation), before, "{word}");
        let failed = listed(&shop, "?status=FAILED").await;
        assert_eq!((failed.len(), &failed[0]["last_failure"]), (n + 1, &json!(word)));
    }
    assert_eq!(listed(&shop, "?status=SENT&limit=100").await.len(), 2 * most, "the other channels are not blocked");
    assert_eq!(announced(&shop, "notification.failed.v1"), most);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_permanent_errors_of_slack_fail_at_once() {
    for (status, word) in
        [(400, "invalid_payload"), (403, "action_prohibited"), (404, "no_service"), (410, "channel_is_archived")]
    {
        let shop = with_channels(false, false);
        let offered = shop.offered(&terms(1)).await;
        shop.reserved(&offered, 1).await;
        shop.aws.messengers().refuse(SLACK, FakeResponse::new(status, word));
        shop.dispatch_events().await;
        let job = job(&shop, "SLACK").await;
        assert_eq!(
            (&job["status"], &job["last_failure"], &job["recipient"]),
            (&json!("FAILED"), &json!(word), &json!("admins"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotated_token_is_read_again() {
    let shop = with_channels(true, false);
    canceled(&shop).await;
    shop.dispatch_events().await;
    shop.aws.messengers().set_secret("the-next-token", "http://slack.test/services/T0/B0/next");
    // A secret is read again at most once a minute.
    tokio::time::sleep(Duration::from_secs(61)).await;
    canceled(&shop).await;
    shop.dispatch_events().await;
    assert_eq!(by(&shop.aws.messengers().accepted(), LINE).len(), 2);
    assert_eq!(shop.aws.messengers().calls("GetSecretValue"), 2, "once, and once more after the refusal");
    let offered = shop.offered(&terms(1)).await;
    shop.reserved(&offered, 1).await;
    shop.dispatch_events().await;
    assert_eq!(by(&shop.aws.messengers().accepted(), SLACK).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn unpaid_orders_get_one_reminder_a_day_before_the_deadline() {
    let shop = with_channels(false, false);
    let offered = shop.offered(&terms(3)).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(about(&shop, "please pay"), 3, "each gets a payment request");
    let (payer, paid) = &orders[0];
    payer.charge(10_000_000).await.expect(200);
    payer.pay(paid).await.expect(201);
    let (_, given_up) = &orders[1];
    shop.admin().post(&format!("/admin/orders/{given_up}/cancel"), &json!({})).await.expect(200);
    shop.dispatch_events().await;
    let before = shop.aws.messengers().accepted().len();

    // The payment window is 72 hours: the reminder is due after 48.
    shop.advance_minutes(48 * 60 - 1);
    shop.tick("retry_notifications").await;
    shop.dispatch_events().await;
    assert_eq!(shop.aws.messengers().accepted().len(), before);
    for _ in 0..3 {
        shop.advance_minutes(1);
        shop.tick("retry_notifications").await;
        shop.dispatch_events().await;
    }
    let taken = shop.aws.messengers().accepted();
    assert_eq!(taken.len(), before + 1);
    assert!(taken[before].subject.contains("one day left to pay"), "{}", taken[before].subject);
    let reminders: Vec<Value> =
        listed(&shop, "").await.into_iter().filter(|job| job["template_key"] == "payment_reminder").collect();
    assert_eq!(reminders.len(), 1, "the others were removed without an event");
    assert_eq!((&reminders[0]["order_id"], &reminders[0]["status"]), (&json!(orders[2].1), &json!("SENT")));
}

#[tokio::test(start_paused = true)]
async fn a_reminder_is_not_sent_once_the_order_is_paid() {
    let shop = with_channels(false, false);
    let offered = shop.offered(&terms(1)).await;
    let orders = shop.reserved(&offered, 1).await;
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    shop.advance_minutes(48 * 60);
    shop.tick("retry_notifications").await;
    route(&shop).await;
    assert_eq!(shop.dispatcher.waiting("send_notification").len(), 1);
    let (payer, order) = &orders[0];
    payer.charge(10_000_000).await.expect(200);
    payer.pay(order).await.expect(201);
    shop.dispatch_events().await;
    assert_eq!((about(&shop, "please pay"), about(&shop, "left to pay")), (1, 0), "only the request to pay");
    assert_eq!(listed(&shop, "?status=REQUESTED").await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn customers_of_a_missed_offer_are_told_the_reason_in_the_language_of_the_shop() {
    let shop = Shop::open().with_messaging(Messaging { language: Language::ZhTw, ..messaging() });
    let offered = shop.offered(&terms(5)).await;
    shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(24 * 8));
    shop.run_to_quiescence().await;
    assert_eq!((about(&shop, "已為您保留名額"), about(&shop, "未達預購門檻")), (2, 2));
    assert_eq!(shop.aws.messengers().accepted().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn one_correlation_id_links_a_request_to_its_last_message() {
    let shop = with_channels(false, false);
    canceled(&shop).await;
    shop.aws.messengers().refuse(MAIL, FakeResponse::new(503, ""));
    shop.dispatch_events().await;
    shop.advance_minutes(1);
    shop.tick("retry_notifications").await;
    shop.dispatch_events().await;
    let of = |event_type: &str| {
        let all = shop.dispatcher.published();
        all.iter().find(|event| event.detail_type == event_type).map(|event| event.detail.clone()).unwrap()
    };
    let (canceled, sent) = (of("order.canceled.v1"), of("notification.sent.v1"));
    assert_eq!(sent["correlation_id"], canceled["correlation_id"]);
    assert_eq!(sent["data"]["source_event_id"], canceled["event_id"]);
}

#[tokio::test(start_paused = true)]
async fn no_event_and_no_job_contains_contact_data() {
    let shop = with_channels(true, true);
    canceled(&shop).await;
    shop.aws.messengers().refuse(MAIL, FakeResponse::new(400, "ada@example.com of Ada, 1 Main St, 0912345678"));
    shop.aws.messengers().refuse(LINE, FakeResponse::new(400, LINE_ID));
    shop.dispatch_events().await;
    shop.run_to_quiescence().await;
    assert!(announced(&shop, "notification.failed.v1") == 2);
    for event in shop.dispatcher.published() {
        let text = event.detail.to_string();
        assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{text}");
    }
    for item in shop.aws.engine().items("Notifications") {
        let text = item.to_string();
        assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_notification_request_does_not_block_others() {
    let shop = with_channels(false, false);
    canceled(&shop).await;
    for queue in ["request_notifications", "send_notification"] {
        shop.dispatcher.push(queue, "not json".to_owned());
        let stranger = json!({
            "event_id": "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50", "type": "order.lost.v1", "occurred_at": shop.now(),
            "aggregate": {"type": "order", "id": "x", "version": 1}, "correlation_id": "c", "causation_id": "c", "data": {}
        });
        shop.dispatcher.push(queue, tests::events::delivery("millrun.orders", "order.lost.v1", &stranger));
    }
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), 4);
    assert_eq!(shop.aws.messengers().calls(MAIL), 1);
    shop.dispatcher.redrive();
    shop.dispatch_events().await;
    assert_eq!(shop.aws.messengers().calls(MAIL), 1);
}

#[tokio::test(start_paused = true)]
async fn contention_and_lost_responses_of_dynamodb_send_nothing_twice() {
    for fault in [Fault::AnswerLost, Fault::Conflict("Notifications", None), Fault::Throttled, Fault::KilledAfter] {
        for actor in ["request_notifications", "send_notification"] {
            let shop = with_channels(false, false);
            canceled(&shop).await;
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by(actor));
            shop.dispatch_events().await;
            shop.aws.assert_faults_hit();
            shop.advance_minutes(3);
            shop.run_to_quiescence().await;
            assert_eq!(shop.aws.messengers().accepted().len(), 1, "{fault:?} of {actor}");
            assert_eq!(job(&shop, "EMAIL").await["status"], "SENT", "{fault:?} of {actor}");
        }
    }
}
