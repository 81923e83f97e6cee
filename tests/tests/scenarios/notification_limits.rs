//! What limits messages: what may be in one, how many a customer gets, to which countries, and what waits for what.

use crate::notifications::{MAIL, SMS, by, canceled, listed, with_channels};
use functions::Messaging;
use jiff::SignedDuration;
use serde_json::json;
use tests::fixtures::{cart, text};
use tests::shop::messaging;
use tests::{Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn nothing_that_a_customer_typed_reaches_a_strangers_inbox() {
    let shop = with_channels(true, true);
    let (mallory, variant) = (shop.customer("mallory"), shop.variant(9).await);
    let mut wanted = cart(&variant, 1);
    wanted["contact"]["email"] = json!("stranger@example.org");
    wanted["contact"]["name"] = json!("Win at evil.example now");
    let order = || async { text(&mallory.post("/orders", &wanted).await.expect(201), "order_id") };
    let mine = order().await;
    let reason = json!({"reason": "Claim your prize: https://evil.example"});
    mallory.post(&format!("/orders/{mine}/cancel"), &reason).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(shop.aws.messengers().accepted().len(), 0, "a customer's own cancellation sends nothing");
    shop.cancel(&order().await).await.expect(200);
    shop.dispatch_events().await;
    let taken = shop.aws.messengers().accepted();
    let mail = by(&taken, MAIL)[0];
    assert!(mail.text.starts_with("Hello,") && mail.text.contains("water damage"), "{}", mail.text);
    wanted["contact"]["name"] = json!("A".repeat(100));
    let long = text(&mallory.post("/orders", &wanted).await.expect(201), "order_id");
    shop.cancel(&long).await.expect(200);
    shop.dispatch_events().await;
    let taken = shop.aws.messengers().accepted();
    let mail = by(&taken, MAIL)[1];
    assert!(mail.text.starts_with(&format!("Hello {},", "A".repeat(40))), "{}", mail.text);
    assert!(taken.iter().all(|message| !message.text.contains("evil") && !message.html.contains("evil")));
}

#[tokio::test(start_paused = true)]
async fn a_customer_gets_so_many_messages_a_day() {
    let most = 3;
    let shop = Shop::open().with_messaging(Messaging { messages_per_customer_day: most, ..messaging() });
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(9).await);
    for _ in 0..5 {
        shop.cancel(&ann.order(&variant, 1).await).await.expect(200);
        shop.dispatch_events().await;
    }
    let sent = || shop.aws.messengers().accepted().len();
    assert_eq!(sent(), 3);
    let failed = listed(&shop, "?status=FAILED").await;
    assert_eq!(failed.len(), 2);
    assert!(
        failed.iter().all(|job| job["last_failure"] == "daily_limit"),
        "an admin sees what was not sent: {failed:?}"
    );
    shop.cancel(&bob.order(&variant, 1).await).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(sent(), 4, "another customer has messages of their own");
    shop.advance(SignedDuration::from_hours(24));
    shop.cancel(&ann.order(&variant, 1).await).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(sent(), 5, "and another day, too");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_text_message_goes_only_to_the_countries_of_the_shop() {
    let shop = with_channels(false, true);
    let (ann, variant) = (shop.customer("ann"), shop.variant(9).await);
    for (phone, texts) in [("+447400123456", 0), ("+81 90 1234 5678", 0), ("0912 345 678", 1)] {
        let mut wanted = cart(&variant, 1);
        wanted["contact"]["phone"] = json!(phone);
        let order = text(&ann.post("/orders", &wanted).await.expect(201), "order_id");
        shop.cancel(&order).await.expect(200);
        shop.dispatch_events().await;
        assert_eq!(by(&shop.aws.messengers().accepted(), SMS).len(), texts, "{phone}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_reminders_of_a_batch_do_not_delay_the_retry_of_another_message() {
    let shop = with_channels(false, false);
    let now = shop.now();
    // Their orders do not exist, so none of them leaves the list: they are in front of everything else in every run.
    for n in 0..300 {
        let event = domain::id::RecordId::new(shop.app.new_id().unwrap()).event(0);
        let customer = domain::id::CustomerId::parse(&format!("customer-{n}")).unwrap();
        let order = domain::id::OrderId::new(shop.app.new_id().unwrap());
        let recipient = domain::notification::Recipient::Customer { customer, order };
        let pay_before = now + SignedDuration::from_hours(24) + SignedDuration::from_secs(1);
        let channel = domain::notification::Channel::Email;
        let job = domain::notification::Job::reminder(event, channel, recipient, pay_before, now).unwrap();
        let mut tx = shop.app.tx().unwrap();
        tx.insert_job(&job).unwrap();
        tx.commit().await.unwrap();
    }
    canceled(&shop).await;
    shop.inject(Rule::next(MAIL, Fault::AnswerLost));
    shop.dispatch_events().await;
    shop.aws.assert_faults_hit();
    shop.advance_minutes(2);
    shop.tick_at("retry_notifications", shop.now()).await.unwrap_err();
    assert_eq!(shop.aws.messengers().calls(MAIL), 2, "the retry had its turn");
    let listed = listed(&shop, "?status=REQUESTED&limit=100").await;
    assert!(listed.len() >= 100, "reminders are still listed as requested: {}", listed.len());
}
