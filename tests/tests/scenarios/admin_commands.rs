//! What an admin does to run the shop: windows, campaigns, points, payment tasks, messages.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::fake_messengers::FakeResponse;
use tests::fake_providers::FaultSettings;
use tests::fixtures::text;
use tests::preorders::{counts, statuses, terms, with};
use tests::product_images::{completion, png};
use tests::{Caller, Fault, Rule, Shop};

/// A payment task: a message of a provider about a trade that the shop does not know.
async fn task(shop: &Shop) -> Value {
    let other = Shop::open();
    let (ann, variant) = (other.customer("ann"), other.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    other.aws.providers().pay(&open.trade_no);
    let body = other.aws.providers().ecpay_callback(&open.trade_no, FaultSettings::default());
    assert_eq!(shop.receive("/api/v1/webhooks/ecpay", body).await.text, "1|OK");
    tasks(shop).await.remove(0)
}

async fn tasks(shop: &Shop) -> Vec<Value> {
    shop.admin().get("/admin/payment-tasks").await.expect(200)["items"].as_array().unwrap().clone()
}

/// The id of a message that its channel has refused for good.
async fn failed_message(shop: &Shop) -> String {
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    let order = ann.order(&variant, 1).await;
    shop.cancel(&order).await.expect(200);
    let said = r#"{"__type":"MessageRejected"}"#;
    shop.aws.messengers().refuse("SendEmail", FakeResponse::new(400, said));
    shop.dispatch_events().await;
    let failed = shop.admin().get("/admin/notifications?status=FAILED").await.expect(200);
    text(&failed["items"][0], "job_id")
}

/// Lets every event fail that waits to be published.
async fn fail_events(shop: &Shop) {
    shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
    shop.dispatcher.relay(shop).await;
    for _ in 0..5 {
        shop.advance_minutes(1);
        shop.tick("sweep_outbox").await;
    }
    shop.aws.clear_faults();
}

async fn events(shop: &Shop, status: &str) -> usize {
    let listed = shop.admin().get(&format!("/admin/outbox?status={status}&limit=100")).await.expect(200);
    listed["items"].as_array().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn a_window_is_renamed_and_its_end_moves_the_closing_of_its_offers() {
    let shop = Shop::open();
    let admin = shop.admin();
    let offered = shop.offered(&terms(3)).await;
    let path = format!("/admin/sell-windows/{}", offered.window);
    let sooner = shop.now() + SignedDuration::from_hours(2);
    let changed = admin.patch(&path, &json!({"name": "Spring", "end_at": sooner})).await.expect(200);
    assert_eq!((&changed["name"], &changed["end_at"]), (&json!("Spring"), &json!(sooner)));
    assert_eq!(shop.offer(&offered).await["closes_at"], json!(sooner));
    // A repetition changes nothing.
    admin.patch(&path, &json!({"name": "Spring", "end_at": sooner})).await.expect(200);
    let orders = shop.reserved(&offered, 1).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(2));
    shop.customer("late").reserve(&offered, 1).await.refused(409, "sell_window_not_open");
    // Until it is decided, an ended window can be opened again.
    let later = shop.now() + SignedDuration::from_hours(1);
    admin.patch(&path, &json!({"end_at": later})).await.expect(200);
    shop.tick("close_sell_windows").await;
    assert_eq!(shop.offer(&offered).await["status"], "OPEN");
    shop.advance(SignedDuration::from_hours(1));
    shop.tick("close_sell_windows").await;
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 1)]));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_window_that_has_begun_keeps_its_start_and_a_wrong_change_is_refused() {
    let shop = Shop::open();
    let admin = shop.admin();
    let (start, end) = (shop.now() + SignedDuration::from_hours(1), shop.now() + SignedDuration::from_hours(9));
    let body = json!({"name": "Later", "start_at": start, "end_at": end, "timezone": "Asia/Taipei"});
    let window = text(&admin.post("/admin/sell-windows", &body).await.expect(201), "sell_window_id");
    let path = format!("/admin/sell-windows/{window}");
    admin.post(&format!("{path}/close"), &json!({})).await.refused(409, "sell_window_not_open");
    let start = shop.now() + SignedDuration::from_hours(2);
    assert_eq!(admin.patch(&path, &json!({"start_at": start})).await.expect(200)["start_at"], json!(start));
    shop.advance(SignedDuration::from_hours(3));
    admin.patch(&path, &json!({"start_at": shop.now()})).await.refused(409, "sell_window_begun");
    admin.patch(&path, &json!({"start_at": start, "name": "Begun"})).await.expect(200);
    for bad in [
        json!({}),
        json!({"name": ""}),
        json!({"end_at": shop.now() - SignedDuration::from_secs(1)}),
        json!({"end_at": shop.now() + SignedDuration::from_hours(24 * 367)}),
        json!({"end_at": "soon"}),
        json!({"timezone": "Asia/Taipei"}),
    ] {
        admin.patch(&path, &bad).await.refused(422, "invalid_request");
    }
    let missing = format!("/admin/sell-windows/{}", shop.app.new_id().unwrap());
    admin.patch(&missing, &json!({"name": "A"})).await.refused(404, "sell_window_not_found");
    admin.post(&format!("{missing}/close"), &json!({})).await.refused(404, "sell_window_not_found");
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_ended_now_decides_its_offers_by_their_rules() {
    let shop = Shop::open();
    let admin = shop.admin();
    let extended = shop.offered(&with(terms(3), &json!({"when_missed": "EXTEND", "extend_days": 2}))).await;
    let missed = tests::preorders::Offered { window: extended.window.clone(), ..shop.offered(&terms(3)).await };
    admin.put(&missed.path(), &terms(3)).await.expect(200);
    let orders = shop.reserved(&missed, 1).await;
    shop.dispatch_events().await;
    shop.advance_minutes(1);
    let path = format!("/admin/sell-windows/{}/close", extended.window);
    let ended = admin.post_once("end", &path, &json!({})).await.expect(200);
    assert_eq!(ended["end_at"], json!(shop.now()));
    assert_eq!(ended["offers"][0]["closes_at"], json!(shop.now()));
    shop.customer("late").reserve(&missed, 1).await.refused(409, "sell_window_not_open");
    assert_eq!(admin.post_once("end", &path, &json!({})).await.expect(200), ended);
    shop.tick("close_sell_windows").await;
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&missed).await["status"], "MISSED");
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 1)]));
    let offer = shop.offer(&extended).await;
    assert_eq!((&offer["status"], &offer["extended"]), (&json!("OPEN"), &json!(true)));
    // The extension is ended too; after that nothing is open.
    admin.post(&path, &json!({})).await.expect(200);
    shop.tick("close_sell_windows").await;
    assert_eq!(shop.offer(&extended).await["status"], "MISSED");
    shop.advance_minutes(1);
    admin.post(&path, &json!({})).await.refused(409, "sell_window_not_open");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_is_renamed_listed_and_ended_and_issued_coupons_keep_their_terms() {
    let shop = Shop::open();
    let (admin, coupon) = (shop.admin(), shop.coupon(5, 1).await);
    let path = format!("/admin/coupons/{coupon}");
    let before = shop.customer("ann").take(&coupon).await.expect(201);
    let until = shop.now() + SignedDuration::from_hours(24 * 30);
    let changed =
        admin.patch(&path, &json!({"name": "Spring", "listed": true, "valid_until": until})).await.expect(200);
    assert_eq!((&changed["name"], &changed["listed"]), (&json!("Spring"), &json!(true)));
    assert_eq!((&changed["valid_until"], &changed["remaining_qty"]), (&json!(until), &json!(4)));
    shop.advance(SignedDuration::from_secs(3));
    assert_eq!(shop.customer("bob").take(&coupon).await.expect(201)["valid_until"], json!(until));
    let kept = shop.customer("ann").get("/me/coupons").await.expect(200);
    assert_eq!(kept["items"][0]["valid_until"], before["valid_until"]);

    let environment = shop.fresh_environment();
    environment.customer("eve").take(&coupon).await.expect(201);
    admin.patch(&path, &json!({"issue_ends_at": shop.now()})).await.expect(200);
    shop.advance(SignedDuration::from_secs(3));
    environment.customer("late").take(&coupon).await.refused(409, "coupon_ended");
    for bad in [
        json!({"issue_ends_at": until + SignedDuration::from_secs(1)}),
        json!({"valid_until": shop.now() - SignedDuration::from_hours(1)}),
        json!({"name": " "}),
        json!({"listed": "yes"}),
    ] {
        admin.patch(&path, &bad).await.refused(422, "invalid_request");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn requests_that_were_accepted_are_served_although_the_campaign_was_ended() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    let issue = format!("/coupons/{coupon}/issue");
    shop.advance(SignedDuration::from_secs(10));
    ann.post_async(None, &issue, &json!({})).await.expect(202);
    shop.advance(SignedDuration::from_secs(1));
    // Before the request came.
    let past = shop.now() - SignedDuration::from_secs(5);
    shop.admin().patch(&format!("/admin/coupons/{coupon}"), &json!({"issue_ends_at": past})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(ann.get("/me/coupons").await.expect(200)["items"].as_array().unwrap().len(), 1);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_admin_gives_points_and_takes_them_back_within_the_limits() {
    let shop = Shop::open();
    let (ann, admin) = (shop.customer("ann"), shop.admin());
    let path = "/admin/customers/ann/points";
    let grant = |cents: i64| json!({"amount_cents": cents, "reason": "a late parcel"});
    let given = admin.post_once("g", path, &grant(500)).await.expect(200);
    assert_eq!((&given["balance_cents"], &given["currency"]), (&json!(500), &json!("TWD")));
    assert_eq!(admin.post_once("g", path, &grant(500)).await.expect(200), given);
    admin.post(path, &grant(-501)).await.refused(409, "insufficient_points");
    admin.post(path, &grant(-200)).await.expect(200);
    assert_eq!(ann.balance().await, 300);
    let history = ann.get("/points/history").await.expect(200)["items"].clone();
    assert_eq!((&history[0]["type"], &history[0]["amount_cents"]), (&json!("GRANT"), &json!(-200)));
    assert_eq!(history[1]["reason"], "a late parcel");
    admin.post(path, &grant(200_000_000)).await.refused(409, "balance_limit_exceeded");
    for bad in [grant(0), grant(1_000_000_001), json!({"amount_cents": 5}), json!({"amount_cents": 5, "reason": ""})] {
        admin.post(path, &bad).await.refused(422, "invalid_request");
    }
    admin.post("/admin/customers/a%23b/points", &grant(5)).await.refused(404, "customer_not_found");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_payment_task_that_is_done_stays_listed_with_its_note() {
    let shop = Shop::open();
    let admin = shop.admin();
    let listed = task(&shop).await;
    let path = format!("/admin/payment-tasks/{}/done", text(&listed, "task_id"));
    admin.post(&path, &json!({"note": ""})).await.refused(422, "invalid_request");
    let done = admin.post_once("d", &path, &json!({"note": "asked the provider"})).await.expect(200);
    assert_eq!((&done["note"], &done["done_at"]), (&json!("asked the provider"), &json!(shop.now())));
    assert!(done["done_by"].is_string());
    assert_eq!(admin.post_once("d", &path, &json!({"note": "asked the provider"})).await.expect(200), done);
    admin.post(&path, &json!({"note": "again"})).await.refused(409, "payment_task_done");
    assert_eq!(tasks(&shop).await, [done]);
    for id in ["x", "1795147320000.0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50"] {
        let missing = format!("/admin/payment-tasks/{id}/done");
        admin.post(&missing, &json!({"note": "A"})).await.refused(404, "payment_task_not_found");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_message_is_sent_when_an_admin_retries_it() {
    let shop = Shop::open();
    let admin = shop.admin();
    let job = failed_message(&shop).await;
    let path = format!("/admin/notifications/{job}/retry");
    let again = admin.post_once("r", &path, &json!({})).await.expect(200);
    assert_eq!((&again["job_id"], &again["status"]), (&json!(job), &json!("REQUESTED")));
    shop.dispatch_events().await;
    shop.advance_minutes(1);
    shop.tick("retry_notifications").await;
    let sent = admin.get("/admin/notifications?status=SENT").await.expect(200);
    let sent: Vec<&Value> = sent["items"].as_array().unwrap().iter().map(|item| &item["job_id"]).collect();
    assert!(sent.contains(&&json!(job)), "{sent:?}");
    assert_eq!(admin.post_once("r", &path, &json!({})).await.expect(200), again);
    admin.post(&path, &json!({})).await.refused(409, "notification_not_failed");
    for missing in ["x", "01a1f71e-4c88-7a10-8b20-000000000651.EMAIL.0123456789abcdef"] {
        let path = format!("/admin/notifications/{missing}/retry");
        admin.post(&path, &json!({})).await.refused(404, "notification_not_found");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn all_failed_events_are_put_in_line_by_one_request() {
    let shop = Shop::open();
    let admin = shop.admin();
    for n in 0..40 {
        shop.customer(&format!("customer-{n}")).charge(1_000_000).await.expect(200);
    }
    let began = shop.now();
    fail_events(&shop).await;
    assert_eq!(events(&shop, "FAILED").await, 40);
    let path = "/admin/outbox/replay";
    let none = json!({"status": "FAILED", "to": began - SignedDuration::from_hours(1)});
    assert_eq!(admin.post(path, &none).await.expect(202)["events"], 0);
    let body = json!({"status": "FAILED"});
    let answer = admin.post_once("r", path, &body).await.expect(202);
    assert_eq!((&answer["status"], &answer["events"]), (&json!("FAILED"), &json!(40)));
    assert_eq!((events(&shop, "FAILED").await, events(&shop, "NEW").await), (0, 40));
    assert_eq!(admin.post_once("r", path, &body).await.expect(202), answer);
    assert_eq!(admin.post(path, &body).await.expect(202)["events"], 0, "there is nothing left");
    shop.tick("sweep_outbox").await;
    assert_eq!(events(&shop, "SENT").await, 40);
    // Sent events can be replayed, too; their period is required.
    let sent = json!({"status": "SENT", "from": began - SignedDuration::from_secs(1)});
    assert_eq!(admin.post(path, &sent).await.expect(202)["events"], 40);
    shop.tick("sweep_outbox").await;
    for bad in [
        json!({"status": "NEW"}),
        json!({"status": "SENT"}),
        json!({"status": "FAILED", "from": shop.now() + SignedDuration::from_secs(1)}),
        json!({"status": "FAILED", "from": "today"}),
        json!({}),
    ] {
        admin.post(path, &bad).await.refused(422, "invalid_request");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn every_admin_command_takes_effect_once_under_any_fault() {
    let faults = [Fault::AnswerLost, Fault::InProgress, Fault::KilledBefore, Fault::KilledAfter, Fault::Throttled];
    for use_case in [
        "upload_image",
        "complete_image",
        "arrange_images",
        "update_sell_window",
        "end_sell_window",
        "grant_points",
        "finish_payment_task",
        "retry_notification",
        "replay_events",
        "erase_customer",
    ] {
        for fault in &faults {
            let shop = Shop::open();
            let offered = shop.offered(&terms(3)).await;
            let window = format!("/admin/sell-windows/{}", offered.window);
            let end = shop.now() + SignedDuration::from_hours(2);
            let (method, target, body) = match use_case {
                "upload_image" => {
                    let body = json!({"content_type": "image/png", "bytes": 33});
                    ("POST", format!("/admin/products/{}/images", offered.product), body)
                }
                "complete_image" => {
                    let image = shop.uploaded(&offered.product, &png(3, 2)).await;
                    ("POST", completion(&offered.product, &image), json!({}))
                }
                "arrange_images" => {
                    shop.image_of(&offered.product).await;
                    ("PUT", format!("/admin/products/{}/images", offered.product), json!({"images": []}))
                }
                "update_sell_window" => ("PATCH", window, json!({"name": "Spring", "end_at": end})),
                "end_sell_window" => {
                    shop.advance_minutes(1);
                    ("POST", format!("{window}/close"), json!({}))
                }
                "grant_points" => {
                    ("POST", "/admin/customers/ann/points".to_owned(), json!({"amount_cents": 5, "reason": "A"}))
                }
                "finish_payment_task" => {
                    let id = text(&task(&shop).await, "task_id");
                    ("POST", format!("/admin/payment-tasks/{id}/done"), json!({"note": "A"}))
                }
                "erase_customer" => {
                    shop.aws.users().add("ann", "ann@example.com", "+886912345678");
                    let order = shop.customer("ann").order(&shop.variant(1).await, 1).await;
                    shop.cancel(&order).await.expect(200);
                    ("POST", "/admin/customers/ann/erase".to_owned(), json!({}))
                }
                "replay_events" => {
                    fail_events(&shop).await;
                    ("POST", "/admin/outbox/replay".to_owned(), json!({"status": "FAILED"}))
                }
                _ => {
                    let id = failed_message(&shop).await;
                    ("POST", format!("/admin/notifications/{id}/retry"), json!({}))
                }
            };
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by(use_case));
            let (admin, key) = (shop.admin(), (method == "POST").then_some("key"));
            let body = body.to_string().into_bytes();
            let send = || admin.send_killable(method, &target, key, Some(body.clone()));
            let mut reply = send().await;
            shop.aws.assert_faults_hit();
            if reply.as_ref().is_none_or(|reply| reply.status >= 500) {
                reply = send().await;
            }
            let first = reply.unwrap();
            let wanted = match use_case {
                "replay_events" | "erase_customer" => 202,
                "upload_image" => 201,
                _ => 200,
            };
            assert_eq!(first.status, wanted, "{use_case} {fault:?}: {}", first.text);
            if method == "POST" {
                assert_eq!(send().await.unwrap().body, first.body, "{use_case} {fault:?}");
            }
            match use_case {
                "grant_points" => assert_eq!(shop.customer("ann").balance().await, 5, "{fault:?}"),
                "update_sell_window" => assert_eq!(shop.offer(&offered).await["closes_at"], json!(end), "{fault:?}"),
                _ => {}
            }
            shop.run_to_quiescence().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_admin_finds_who_did_what() {
    let shop = Shop::open();
    let support = Caller::Claims(json!({"sub": "sue", "cognito:groups": "[support]"}));
    let variant = shop.variant(5).await;
    let order = shop.customer("ann").order(&variant, 1).await;
    let cancel = format!("/admin/orders/{order}/cancel");
    shop.advance_minutes(1);
    for _ in 0..2 {
        shop.session(support.clone()).post_once("k", &cancel, &json!({})).await.expect(200);
    }
    shop.session(support.clone()).post(&cancel, &json!({})).await.refused(409, "order_not_cancelable");
    let admin = shop.admin();
    let found = async |query: &str| {
        let page = admin.get(&format!("/admin/activity{query}")).await.expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let by_sue = found("?by=sue").await;
    assert_eq!(by_sue.len(), 1, "once with its effect, never for a replay or a refusal: {by_sue:?}");
    let entry = &by_sue[0];
    assert_eq!(
        (&entry["at"], &entry["by"], &entry["action"]),
        (&json!(shop.now()), &json!("sue"), &json!("cancel_order"))
    );
    assert_eq!(entry["subject"], json!({"type": "order", "id": order}));
    assert!(entry["correlation_id"].is_string());
    assert_eq!(found(&format!("?subject={order}")).await, by_sue);
    assert!(found("?by=sue&subject=another").await.is_empty());
    // The commands of the fixtures, and the cancellation, newest first and page by page.
    let all = found("").await;
    assert_eq!(&all[0], entry);
    assert!(all.len() >= 3, "{all:?}");
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/admin/activity?limit=1{cursor}")).await.expect(200);
        pages.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, all);
    // An entry of another month is found by its day only.
    let day = shop.now().to_string()[..10].to_owned();
    shop.advance(SignedDuration::from_hours(24 * 60));
    assert!(found("").await.is_empty());
    assert_eq!(found(&format!("?from={day}")).await, all);
    for bad in ["?by=a%23b", "?from=yesterday", "?from=2026-11-02&to=2026-11-01", "?who=sue", "?by=a&by=b"] {
        admin.get(&format!("/admin/activity{bad}")).await.refused(422, "invalid_request");
    }
    shop.session(support).get("/admin/activity").await.refused(403, "forbidden");
    shop.run_to_quiescence().await;
}
