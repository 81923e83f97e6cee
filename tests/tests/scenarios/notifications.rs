//! Telling people: one job and one message per event, channel and recipient, whatever comes twice, late or never.

use domain::notification::Channels;
use functions::Messaging;
use jiff::SignedDuration;
use messages::Language;
use serde_json::{Value, json};
use std::time::Duration;
use tests::goods::{cart, text};
use tests::leaks::LINE_ID;
use tests::post::{Said, Taken};
use tests::preorders::terms;
use tests::pump::QueueMessage;
use tests::shop::{Session, messaging};
use tests::{Fault, Rule, Shop};

const MAIL: &str = "SendEmail";
const LINE: &str = "PushMessage";
const SMS: &str = "Publish";
const SLACK: &str = "PostWebhook";
/// What no event, item and failure may hold.
const PERSONAL: [&str; 6] = ["Ada", "0912345678", "912345678", "ada@example.com", "Main St", LINE_ID];

/// An order of a customer who can be reached by mail, LINE and phone, canceled: the event waits to be relayed.
async fn canceled(shop: &Shop) -> (Session, String) {
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    let mut wanted = cart(&variant, 1);
    wanted["contact"]["line_user_id"] = json!(LINE_ID);
    let order = text(&ann.post("/orders", &wanted).await.expect(201), "order_id");
    ann.cancel(&order).await.expect(200);
    (ann, order)
}

/// A shop whose customers are told by these channels beside e-mail.
fn telling(line: bool, sms: bool) -> Shop {
    let sms = sms.then(|| "886".to_owned());
    let channels = Channels { line, sms, slack: true, admin_email: None };
    Shop::open().telling(Messaging { channels, ..messaging() })
}

fn by<'t>(taken: &'t [Taken], operation: &str) -> Vec<&'t Taken> {
    taken.iter().filter(|taken| taken.operation == operation).collect()
}

async fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let found = shop.admin().get(&format!("/admin/notifications{query}")).await.expect(200);
    found["items"].as_array().unwrap().clone()
}

/// The one job of a channel, as an admin sees it.
async fn job(shop: &Shop, channel: &str) -> Value {
    let jobs: Vec<Value> = listed(shop, "").await.into_iter().filter(|job| job["channel"] == channel).collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs[0].clone()
}

fn announced(shop: &Shop, event_type: &str) -> usize {
    let all = shop.pump.published();
    let mut ids: Vec<String> =
        all.iter().filter(|event| event.detail_type == event_type).map(|event| event.event_id().to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

/// Everything on the bus goes to its queue, and nobody works.
async fn route(shop: &Shop) {
    shop.pump.relay(shop).await;
    shop.pump.route(shop);
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
async fn a_customer_is_told_once_by_each_channel_that_reaches_them() {
    let shop = telling(true, true);
    let (_, order) = canceled(&shop).await;
    shop.pump().await;
    let taken = shop.wire.post().taken();
    let (mail, line, sms) = (by(&taken, MAIL), by(&taken, LINE), by(&taken, SMS));
    assert_eq!((mail.len(), line.len(), sms.len(), taken.len()), (1, 1, 1, 3));
    assert_eq!(
        (mail[0].to.as_str(), line[0].to.as_str(), sms[0].to.as_str()),
        ("ada@example.com", LINE_ID, "+886912345678")
    );
    let number = text(&shop.admin().get(&format!("/admin/orders/{order}")).await.expect(200), "order_no");
    assert_eq!(mail[0].subject, format!("Order {number} was canceled"));
    assert_eq!(sms[0].text, mail[0].subject, "a text message is as short as it can be");
    assert!(mail[0].text.starts_with("Hello Ada,") && mail[0].html.contains("<p>Hello Ada,</p>"));
    assert!(line[0].text.contains(&mail[0].text));
    for job in listed(&shop, "?status=SENT").await {
        assert_eq!((&job["order_id"], &job["retry_count"]), (&json!(order), &json!(0)));
        assert!(job["sent_at"].is_string() && job.get("last_failure").is_none(), "{job}");
    }
    assert_eq!((announced(&shop, "notification.requested.v1"), announced(&shop, "notification.sent.v1")), (3, 3));
    shop.settle().await;
    assert_eq!(shop.wire.post().taken().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_event_delivered_twice_and_in_reverse_makes_one_job_and_one_send() {
    let shop = telling(true, false);
    let ann = shop.customer("ann");
    let offered = shop.offered(&terms(2)).await;
    // Expired, canceled, asked to pay, threshold reached, shipped and failed, all about orders of one mail address each.
    let variant = shop.variant(5).await;
    let expiring = ann.order(&variant, 1).await;
    ann.order(&variant, 1).await;
    let shipped = ann.order(&variant, 1).await;
    ann.charge(1_000_000).await.expect(200);
    ann.pay(&shipped).await.expect(201);
    let orders = shop.reserved(&offered, 2).await;
    shop.pump().await;
    shop.confirm(&offered).await.expect(200);
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "1"});
    shop.admin().post(&format!("/admin/orders/{shipped}/ship"), &parcel).await.expect(200);
    let canceled = ann.order(&variant, 1).await;
    ann.cancel(&canceled).await.expect(200);
    shop.pass_minutes(16);
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
    shop.pump.push("request_notifications", event(6, "order.failed.v1", failed));
    // In rounds, so that what follows from what is delivered twice is delivered twice too.
    for _ in 0..12 {
        route(&shop).await;
        for queue in ["request_notifications", "send_notification"] {
            shop.pump.rearrange(queue, twice_and_in_reverse);
        }
        shop.pump.work(&shop).await;
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
        "order_shipped",
        "payment_requested",
        "payment_requested",
        "threshold_reached",
    ];
    assert_eq!(keys, wanted);
    let taken = shop.wire.post().taken();
    assert_eq!((by(&taken, MAIL).len(), by(&taken, SLACK).len(), taken.len()), (7, 1, 8));
    assert_eq!((shop.wire.post().calls(MAIL), shop.wire.post().calls(SLACK)), (7, 1));
    let reminders = listed(&shop, "?status=REQUESTED").await;
    assert_eq!(reminders.len(), 2, "one for each that was asked to pay");
    assert!(orders.iter().all(|(_, order)| reminders.iter().any(|job| job["order_id"] == *order)));
    let slack = by(&taken, SLACK)[0];
    assert!(slack.text.contains("2 reserved, the batch can be confirmed"), "{}", slack.text);
    shop.settle().await;
    assert_eq!(shop.wire.post().taken().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn two_environments_with_the_same_job_send_it_once() {
    for seed in 0..8 {
        let shop = telling(false, false);
        shop.wire.shuffle(seed);
        canceled(&shop).await;
        shop.pump.relay(&shop).await;
        shop.pump.route(&shop);
        shop.pump.work(&shop).await;
        route(&shop).await;
        let message = shop.pump.waiting("send_notification").remove(0);
        let record = tests::events::sqs(&[(message.id, message.body)]);
        let (one, other) = (shop.elsewhere(), shop.elsewhere());
        let (one, other) =
            tokio::join!(one.invoke("send_notification", &record), other.invoke("send_notification", &record));
        for answer in [one, other] {
            assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
        }
        shop.settle().await;
        assert_eq!(shop.wire.post().calls(MAIL), 1, "seed {seed}");
        assert_eq!(job(&shop, "EMAIL").await["status"], "SENT");
    }
}

#[tokio::test(start_paused = true)]
async fn killed_between_lines_yes_and_our_write_it_is_sent_once() {
    let shop = telling(true, false);
    canceled(&shop).await;
    shop.inject(Rule::next(LINE, Fault::KilledAfter));
    shop.pump().await;
    shop.wire.assert_struck();
    assert_eq!(job(&shop, "LINE").await["status"], "REQUESTED");
    shop.pass_minutes(3);
    shop.tick("retry_notifications").await;
    assert_eq!(
        (job(&shop, "LINE").await["status"].clone(), job(&shop, "LINE").await["retry_count"].clone()),
        (json!("SENT"), json!(1))
    );
    let taken = shop.wire.post().taken();
    assert_eq!(by(&taken, LINE).len(), 1, "LINE knew the key");
    assert_eq!(shop.wire.post().calls(LINE), 2);
    shop.settle().await;
    assert_eq!(announced(&shop, "notification.sent.v1"), 2, "the mail's and LINE's");
}

#[tokio::test(start_paused = true)]
async fn killed_between_a_mails_yes_and_our_write_it_comes_twice_at_the_most() {
    let shop = telling(false, false);
    canceled(&shop).await;
    shop.inject(Rule::next(MAIL, Fault::KilledAfter).times(2));
    shop.pump().await;
    shop.pass_minutes(3);
    // The sweep is killed at the same point.
    let tick = json!({"time": shop.now()});
    assert!(shop.invoke_mortal("retry_notifications", &tick).await.is_none());
    shop.wire.assert_struck();
    for _ in 0..6 {
        shop.pass_minutes(60);
        shop.tick("retry_notifications").await;
    }
    assert_eq!(shop.wire.post().taken().len(), 2);
    let job = job(&shop, "EMAIL").await;
    assert_eq!((&job["status"], &job["last_failure"]), (&json!("FAILED"), &json!("interrupted")));
    shop.settle().await;
    assert_eq!(announced(&shop, "notification.failed.v1"), 1);
}

#[tokio::test(start_paused = true)]
async fn killed_before_the_channel_was_reached_it_is_sent_all_the_same() {
    for operation in [MAIL, LINE] {
        let shop = telling(true, false);
        canceled(&shop).await;
        shop.inject(Rule::next(operation, Fault::KilledBefore));
        shop.pump().await;
        shop.wire.assert_struck();
        shop.pass_minutes(3);
        shop.tick("retry_notifications").await;
        shop.settle().await;
        let taken = shop.wire.post().taken();
        assert_eq!((by(&taken, MAIL).len(), by(&taken, LINE).len()), (1, 1), "{operation}");
        assert_eq!(listed(&shop, "?status=SENT").await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_line_that_comes_too_late_is_no_second_message() {
    let shop = telling(true, false);
    canceled(&shop).await;
    shop.wire.post().answer_late(LINE, Duration::from_secs(60));
    shop.pump().await;
    let late = job(&shop, "LINE").await;
    assert_eq!((&late["status"], &late["last_failure"]), (&json!("REQUESTED"), &json!("timeout")));
    shop.tick("retry_notifications").await;
    assert_eq!(shop.wire.post().calls(LINE), 1, "its pause is not over");
    shop.pass_minutes(1);
    shop.tick("retry_notifications").await;
    assert_eq!((shop.wire.post().calls(LINE), by(&shop.wire.post().taken(), LINE).len()), (2, 1));
    assert_eq!(job(&shop, "LINE").await["status"], "SENT");
}

#[tokio::test(start_paused = true)]
async fn without_a_key_an_unknown_end_is_followed_by_one_more_try() {
    for (late, word) in [(true, "timeout"), (false, "connection_lost")] {
        let shop = telling(false, true);
        canceled(&shop).await;
        for _ in 0..2 {
            if late {
                shop.wire.post().answer_late(SMS, Duration::from_secs(60));
            } else {
                shop.inject(Rule::next(SMS, Fault::AnswerLost));
            }
        }
        shop.pump().await;
        for _ in 0..8 {
            shop.pass_minutes(60);
            shop.tick("retry_notifications").await;
        }
        assert_eq!(by(&shop.wire.post().taken(), SMS).len(), 2, "each costs money");
        let job = job(&shop, "SMS").await;
        assert_eq!(
            (&job["status"], &job["last_failure"], &job["retry_count"]),
            (&json!("FAILED"), &json!(word), &json!(1))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_down_is_tried_six_times_with_growing_pauses() {
    let shop = telling(false, false);
    let (ann, order) = canceled(&shop).await;
    for n in 0..20 {
        let said =
            if n % 2 == 0 { Said::new(500, "{}") } else { Said::new(429, r#"{"__type":"TooManyRequestsException"}"#) };
        shop.wire.post().refuse(MAIL, said);
    }
    shop.pump().await;
    let mut minutes = Vec::new();
    for minute in 1..=8 * 60 {
        shop.pass_minutes(1);
        let before = shop.wire.post().calls(MAIL);
        shop.tick("retry_notifications").await;
        if shop.wire.post().calls(MAIL) > before {
            minutes.push(minute);
        }
    }
    assert_eq!(minutes, [1, 6, 21, 81, 321], "1, 5, 15, 60 and 240 minutes after one another");
    let job = job(&shop, "EMAIL").await;
    assert_eq!((&job["status"], &job["retry_count"]), (&json!("FAILED"), &json!(5)));
    shop.pump().await;
    assert_eq!((announced(&shop, "notification.failed.v1"), announced(&shop, "notification.sent.v1")), (1, 0));
    assert_eq!(ann.status(&order).await, "CANCELED", "a message that cannot be sent fails no order");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_says_how_long_to_wait() {
    let shop = telling(true, false);
    canceled(&shop).await;
    shop.wire.post().refuse(LINE, Said::new(429, r#"{"message":"rate limit"}"#).with("retry-after", "600"));
    shop.pump().await;
    for minute in 1..=11 {
        shop.pass_minutes(1);
        shop.tick("retry_notifications").await;
        assert_eq!(shop.wire.post().calls(LINE), if minute < 10 { 1 } else { 2 }, "minute {minute}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_never_be_taken_is_given_up_at_once() {
    let mail =
        |kind: &str| Said::new(400, json!({"__type": kind, "message": "ada@example.com is not verified"}).to_string());
    let sms = |code: &str| Said::new(400, format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"));
    let line = |status: u16| Said::new(status, r#"{"message":"The property 'to' is invalid: U0123"}"#);
    let mut cases: Vec<(&'static str, Said, String)> = Vec::new();
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
        Said::new(429, r#"{"message":"You have reached your monthly limit."}"#),
        "monthly_limit".to_owned(),
    ));
    let shop = telling(true, true);
    let most = cases.len();
    for (n, (operation, said, word)) in cases.into_iter().enumerate() {
        canceled(&shop).await;
        shop.wire.post().refuse(operation, said);
        shop.pump().await;
        let before = shop.wire.post().calls(operation);
        shop.pass_minutes(10);
        shop.tick("retry_notifications").await;
        assert_eq!(shop.wire.post().calls(operation), before, "{word}");
        let failed = listed(&shop, "?status=FAILED").await;
        assert_eq!((failed.len(), &failed[0]["last_failure"]), (n + 1, &json!(word)));
    }
    assert_eq!(listed(&shop, "?status=SENT&limit=100").await.len(), 2 * most, "the other channels are not kept");
    assert_eq!(announced(&shop, "notification.failed.v1"), most);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn slacks_words_for_never_are_kept() {
    for (status, word) in
        [(400, "invalid_payload"), (403, "action_prohibited"), (404, "no_service"), (410, "channel_is_archived")]
    {
        let shop = telling(false, false);
        let offered = shop.offered(&terms(1)).await;
        shop.reserved(&offered, 1).await;
        shop.wire.post().refuse(SLACK, Said::new(status, word));
        shop.pump().await;
        let job = job(&shop, "SLACK").await;
        assert_eq!(
            (&job["status"], &job["last_failure"], &job["recipient"]),
            (&json!("FAILED"), &json!(word), &json!("admins"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_replaced_is_read_again() {
    let shop = telling(true, false);
    canceled(&shop).await;
    shop.pump().await;
    shop.wire.post().set_secret("the-next-token", "http://slack.test/services/T0/B0/next");
    // A secret is read anew once a minute at the most.
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    canceled(&shop).await;
    shop.pump().await;
    assert_eq!(by(&shop.wire.post().taken(), LINE).len(), 2);
    assert_eq!(shop.wire.post().calls("GetSecretValue"), 2, "once at first, and once more when it was refused");
    let offered = shop.offered(&terms(1)).await;
    shop.reserved(&offered, 1).await;
    shop.pump().await;
    assert_eq!(by(&shop.wire.post().taken(), SLACK).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_has_not_paid_is_reminded_once_a_day_before_the_end_and_nobody_else() {
    let shop = telling(false, false);
    let offered = shop.offered(&terms(3)).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.pump().await;
    shop.confirm(&offered).await.expect(200);
    shop.pump().await;
    assert_eq!(by(&shop.wire.post().taken(), MAIL).len(), 3, "each is asked to pay");
    let (payer, paid) = &orders[0];
    payer.charge(10_000_000).await.expect(200);
    payer.pay(paid).await.expect(201);
    let (_, given_up) = &orders[1];
    shop.admin().post(&format!("/admin/orders/{given_up}/cancel"), &json!({})).await.expect(200);
    shop.pump().await;
    let before = shop.wire.post().taken().len();

    // 72 hours in all: the reminder is due after 48.
    shop.pass_minutes(48 * 60 - 1);
    shop.tick("retry_notifications").await;
    shop.pump().await;
    assert_eq!(shop.wire.post().taken().len(), before);
    for _ in 0..3 {
        shop.pass_minutes(1);
        shop.tick("retry_notifications").await;
        shop.pump().await;
    }
    let taken = shop.wire.post().taken();
    assert_eq!(taken.len(), before + 1);
    assert!(taken[before].subject.contains("one day left to pay"), "{}", taken[before].subject);
    let reminders: Vec<Value> =
        listed(&shop, "").await.into_iter().filter(|job| job["template_key"] == "payment_reminder").collect();
    assert_eq!(reminders.len(), 1, "the others' are gone without a word");
    assert_eq!((&reminders[0]["order_id"], &reminders[0]["status"]), (&json!(orders[2].1), &json!("SENT")));
}

#[tokio::test(start_paused = true)]
async fn a_reminder_that_was_asked_for_and_then_paid_is_not_sent() {
    let shop = telling(false, false);
    let offered = shop.offered(&terms(1)).await;
    let orders = shop.reserved(&offered, 1).await;
    shop.pump().await;
    shop.confirm(&offered).await.expect(200);
    shop.pump().await;
    shop.pass_minutes(48 * 60);
    shop.tick("retry_notifications").await;
    route(&shop).await;
    assert_eq!(shop.pump.waiting("send_notification").len(), 1);
    let (payer, order) = &orders[0];
    payer.charge(10_000_000).await.expect(200);
    payer.pay(order).await.expect(201);
    shop.pump().await;
    assert_eq!(by(&shop.wire.post().taken(), MAIL).len(), 1, "only the request to pay");
    assert_eq!(listed(&shop, "?status=REQUESTED").await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn the_orders_of_a_missed_offer_are_told_why_in_the_shops_language() {
    let shop = Shop::open().telling(Messaging { language: Language::ZhTw, ..messaging() });
    let offered = shop.offered(&terms(5)).await;
    shop.reserved(&offered, 2).await;
    shop.pump().await;
    shop.pass(SignedDuration::from_hours(24 * 8));
    shop.settle().await;
    let taken = shop.wire.post().taken();
    assert_eq!(by(&taken, MAIL).len(), 2);
    assert!(taken.iter().all(|mail| mail.subject.contains("未達預購門檻")), "{taken:?}");
    assert!(listed(&shop, "?status=SENT").await.iter().all(|job| job["template_key"] == "offer_missed"));
}

#[tokio::test(start_paused = true)]
async fn what_follows_from_one_request_has_one_correlation_id_to_the_last_message() {
    let shop = telling(false, false);
    canceled(&shop).await;
    shop.wire.post().refuse(MAIL, Said::new(503, ""));
    shop.pump().await;
    shop.pass_minutes(1);
    shop.tick("retry_notifications").await;
    shop.pump().await;
    let of = |event_type: &str| {
        let all = shop.pump.published();
        all.iter().find(|event| event.detail_type == event_type).map(|event| event.detail.clone()).unwrap()
    };
    let (canceled, sent) = (of("order.canceled.v1"), of("notification.sent.v1"));
    assert_eq!(sent["correlation_id"], canceled["correlation_id"]);
    assert_eq!(sent["data"]["source_event_id"], canceled["event_id"]);
}

#[tokio::test(start_paused = true)]
async fn contact_data_is_in_no_event_and_in_no_job() {
    let shop = telling(true, true);
    canceled(&shop).await;
    shop.wire.post().refuse(MAIL, Said::new(400, "ada@example.com of Ada, 1 Main St, 0912345678"));
    shop.wire.post().refuse(LINE, Said::new(400, LINE_ID));
    shop.pump().await;
    shop.settle().await;
    assert!(announced(&shop, "notification.failed.v1") == 2);
    for event in shop.pump.published() {
        let text = event.detail.to_string();
        assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{text}");
    }
    for item in shop.wire.engine().items("Notifications") {
        let text = item.to_string();
        assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_admin_lists_messages_by_status_page_by_page_with_masked_recipients() {
    let shop = telling(true, true);
    for n in 0..4 {
        if n == 3 {
            shop.wire.post().refuse(SMS, Said::new(400, "<Code>InvalidParameter</Code>"));
        }
        canceled(&shop).await;
        shop.pump().await;
        shop.pass_minutes(1);
    }
    assert_eq!(listed(&shop, "").await.len(), 12);
    assert_eq!(listed(&shop, "?status=FAILED").await.len(), 1);
    assert_eq!(listed(&shop, "?status=REQUESTED").await.len(), 0);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.admin().get(&format!("/admin/notifications?status=SENT&limit=3{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let mut ids: Vec<String> = seen.iter().map(|job| text(job, "job_id")).collect();
    assert_eq!(ids.len(), 11);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 11);
    let masked = |channel: &str| text(seen.iter().find(|job| job["channel"] == channel).unwrap(), "recipient");
    assert_eq!((masked("EMAIL").as_str(), masked("SMS").as_str()), ("a***@example.com", "***678"));
    assert_eq!(masked("LINE"), "***def");
    shop.admin().get("/admin/notifications?status=LOST").await.refused(422, "invalid_request");
    shop.admin().get("/admin/notifications?cursor=T1JERVIjMQ").await.refused(400, "malformed_request");
    shop.customer("ann").get("/admin/notifications").await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_read_keeps_nobody() {
    let shop = telling(false, false);
    canceled(&shop).await;
    for queue in ["request_notifications", "send_notification"] {
        shop.pump.push(queue, "not json".to_owned());
        let stranger = json!({
            "event_id": "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50", "type": "order.lost.v1", "occurred_at": shop.now(),
            "aggregate": {"type": "order", "id": "x", "version": 1}, "correlation_id": "c", "causation_id": "c", "data": {}
        });
        shop.pump.push(queue, tests::events::delivery("millrun.orders", "order.lost.v1", &stranger));
    }
    shop.pump().await;
    assert_eq!(shop.pump.dead_letters().len(), 4);
    assert_eq!(shop.wire.post().calls(MAIL), 1);
    shop.pump.redrive();
    shop.pump().await;
    assert_eq!(shop.wire.post().calls(MAIL), 1);
}

#[tokio::test(start_paused = true)]
async fn contention_and_lost_answers_of_the_tables_send_nothing_twice() {
    for fault in [Fault::AnswerLost, Fault::Conflict("Notifications", None), Fault::Throttled, Fault::KilledAfter] {
        for actor in ["request_notifications", "send_notification"] {
            let shop = telling(false, false);
            canceled(&shop).await;
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by(actor));
            shop.pump().await;
            shop.wire.assert_struck();
            shop.pass_minutes(3);
            shop.settle().await;
            assert_eq!(shop.wire.post().taken().len(), 1, "{fault:?} of {actor}");
            assert_eq!(job(&shop, "EMAIL").await["status"], "SENT", "{fault:?} of {actor}");
        }
    }
}
