//! Notifications, read where they arrive: e-mail and text messages from the emulator's SES and SNS, the others from the
//! fake of LINE and Slack.

use crate::fixtures::{POINTS, cart};
use crate::shop::{Shop, now, unique};
use crate::users::Customer;
use crate::wait::until;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The addresses of one recipient.
pub(crate) struct Mailbox {
    pub(crate) email: String,
    pub(crate) line: String,
    pub(crate) phone: String,
}

impl Mailbox {
    /// Unique addresses.
    pub(crate) fn new() -> Self {
        let digits: String = unique().bytes().map(|b| char::from(b'0' + b % 10)).take(7).collect();
        Self {
            email: format!("{}@shop.example", unique()),
            line: format!("U{}", unique()),
            phone: format!("+88691{digits}"),
        }
    }

    pub(crate) fn contact(&self) -> Value {
        json!({
            "name": "Ada <b>Lovelace", "phone": self.phone, "email": self.email, "line_user_id": self.line,
            "shipping_address": "1 Mill Road, Taipei",
        })
    }

    async fn mails(&self, shop: &Shop) -> Vec<Value> {
        let all = shop.fetch(&format!("{}/_ministack/ses/messages", shop.about.endpoint)).await;
        let all = all["messages"].as_object().unwrap().values().flat_map(|mails| mails.as_array().unwrap().clone());
        all.filter(|mail| mail["To"] == json!([self.email])).collect()
    }

    /// The messages whose subject contains this text.
    pub(crate) async fn mails_about(&self, shop: &Shop, subject: &str) -> Vec<Value> {
        let about = |mail: &Value| mail["Subject"].as_str().is_some_and(|text| text.contains(subject));
        self.mails(shop).await.into_iter().filter(about).collect()
    }

    async fn texts(&self, shop: &Shop) -> Vec<Value> {
        let all = shop.fetch(&format!("{}/_ministack/sns/sms-messages", shop.about.endpoint)).await;
        all["sms_messages"][&self.phone].as_array().cloned().unwrap_or_default()
    }

    /// The LINE messages that contain this text.
    async fn pushes_about(&self, shop: &Shop, words: &str) -> Vec<String> {
        let all = shop.fetch(&format!("{}/_sent", shop.about.messengers)).await;
        let mine = all["LINE"].as_array().unwrap().iter().filter(|push| push["to"] == self.line);
        let texts = mine.map(|push| push["texts"][0].as_str().unwrap().to_owned());
        texts.filter(|text| text.contains(words)).collect()
    }
}

impl Shop {
    async fn fetch(&self, url: &str) -> Value {
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// The notifications of an order, as an admin sees them.
    async fn messages_about(&self, order: &Value) -> Vec<Value> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/admin/notifications?limit=100{cursor}");
            let page = self.get(&path).by(self.admin()).send().await.expect(200);
            let items = page["items"].as_array().unwrap();
            found.extend(items.iter().filter(|job| job["order_id"] == order["order_id"]).cloned());
            let Some(next) = page["next_cursor"].as_str() else { return found };
            cursor = format!("&cursor={next}");
        }
    }
}

async fn ordered(shop: &Shop, customer: &Customer, reached: &Mailbox) -> Value {
    let goods = shop.goods(3).await;
    let mut wanted = cart(&goods.variant, 1);
    wanted["contact"] = reached.contact();
    shop.try_order(customer, &wanted).await.expect(201)
}

pub(crate) async fn a_shipment_is_notified_on_every_channel_and_completes_the_order(shop: &Shop) {
    let (customer, reached) = (shop.customer_with(POINTS).await, Mailbox::new());
    let order = ordered(shop, &customer, &reached).await;
    shop.try_pay(&customer, &order).await.expect(201);
    let is = |status: &'static str| {
        let (customer, order) = (&customer, &order);
        move || async move { (shop.order_of(customer, order).await["status"] == status).then_some(()) }
    };
    until("it waits to be shipped", is("SHIPPING_SCHEDULED")).await;
    let path = format!("/admin/orders/{}/ship", order["order_id"].as_str().unwrap());
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
    shop.post(&path, &parcel).by(shop.admin()).send().await.expect(200);
    until("it is complete", is("COMPLETED")).await;

    let number = order["order_no"].as_str().unwrap();
    let told = until("three messages are sent on three channels", || async {
        let told = shop.messages_about(&order).await;
        (told.len() == 9 && told.iter().all(|job| job["status"] == "SENT")).then_some(told)
    })
    .await;
    for template in ["order_placed", "order_paid", "order_shipped"] {
        let jobs = told.iter().filter(|job| job["template_key"] == template && job["retry_count"] == 0);
        assert_eq!(jobs.count(), 3, "{template}: {told:?}");
    }
    assert!(!json!(told).to_string().contains(&reached.email), "recipients are masked");
    let about = format!("Order {number} is on its way");
    let texts = reached.texts(shop).await;
    let texts: Vec<&Value> = texts.iter().filter(|text| text["Message"] == about).collect();
    let (mails, pushes) = (reached.mails_about(shop, &about).await, reached.pushes_about(shop, &about).await);
    assert_eq!((mails.len(), texts.len(), pushes.len()), (1, 1, 1));
    assert_eq!(reached.mails_about(shop, &format!("Order {number} is paid: TWD")).await.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["Subject"], about);
    assert!(mail["Source"].as_str().unwrap().ends_with("<no-reply@shop.example>"), "{mail}");
    assert!(mail["BodyText"].as_str().unwrap().contains("with Black Cat, tracking number 905-123-456."), "{mail}");
    let html = mail["BodyHtml"].as_str().unwrap();
    assert!(html.contains("Ada &#60;b&#62;Lovelace") || html.contains("Ada &lt;b&gt;Lovelace"), "{html}");
    assert_eq!(texts[0]["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"], "Transactional", "{}", texts[0]);
    assert!(pushes[0].contains("905-123-456"), "{}", pushes[0]);
}

pub(crate) async fn a_line_push_without_a_response_is_not_sent_twice(shop: &Shop) {
    let (customer, reached) = (shop.customer_with(POINTS).await, Mailbox::new());
    let order = ordered(shop, &customer, &reached).await;
    let announced = || async { (reached.pushes_about(shop, "was placed").await.len() == 1).then_some(()) };
    until("the order is announced", announced).await;
    let stage = json!({"channel": "LINE", "do": "late", "seconds": 12});
    let said = shop.http.post(format!("{}/_next", shop.about.messengers)).json(&stage).send().await.unwrap();
    assert!(said.status().is_success());
    let path = format!("/admin/orders/{}/cancel", order["order_id"].as_str().unwrap());
    shop.post(&path, &json!({})).by(shop.admin()).send().await.expect(200);

    let line = || async {
        let told = shop.messages_about(&order).await;
        told.into_iter().find(|job| job["channel"] == "LINE" && job["template_key"] == "order_canceled")
    };
    until("nobody knows how the push ended", || async { line().await.filter(|job| job["last_failure"] == "timeout") })
        .await;
    assert_eq!(reached.pushes_about(shop, "was canceled").await.len(), 1, "it was accepted");
    shop.tick("retry_notifications", now() + SignedDuration::from_mins(2)).await;
    let job = line().await.unwrap();
    assert_eq!((&job["status"], &job["retry_count"]), (&json!("SENT"), &json!(1)));
    assert_eq!(reached.pushes_about(shop, "was canceled").await.len(), 1, "LINE had the retry key");
}

pub(crate) async fn admins_are_notified_of_a_threshold_and_customers_of_payment_requests_and_reminders(shop: &Shop) {
    let goods = shop.goods(1).await;
    let mark = format!("Tea {} <!channel>", &unique()[..8]);
    let rename = shop.ask("PATCH", &format!("/admin/products/{}", goods.product)).json(&json!({"name": mark}));
    rename.by(shop.admin()).send().await.expect(200);
    let window = json!({
        "name": "told", "start_at": now() - SignedDuration::from_mins(1), "end_at": now() + SignedDuration::from_hours(1),
        "timezone": "Asia/Taipei",
    });
    let window = shop.post("/admin/sell-windows", &window).by(shop.admin()).send().await.expect(201);
    let window = window["sell_window_id"].as_str().unwrap();
    let terms = json!({"threshold_qty": 1, "lead_days": 7, "ship_days": 3, "enabled": true});
    let path = format!("/admin/sell-windows/{window}/offers/{}", goods.product);
    let offer = shop.ask("PUT", &path).json(&terms).by(shop.admin()).send().await;
    assert!((200..300).contains(&offer.status), "{}", offer.text);

    let (customer, reached) = (shop.customer().await, Mailbox::new());
    let mut wanted = cart(&goods.variant, 1);
    (wanted["contact"], wanted["sell_window_id"]) = (reached.contact(), json!(window));
    wanted.as_object_mut().unwrap().remove("payment_method");
    let order = shop.try_order(&customer, &wanted).await.expect(201);
    let about = mark.replace('<', "&lt;").replace('>', "&gt;");
    until("the admins get a Slack message", || async {
        let all = shop.fetch(&format!("{}/_sent", shop.about.messengers)).await;
        let texts: Vec<&str> = all["SLACK"].as_array().unwrap().iter().filter_map(|one| one["text"].as_str()).collect();
        let mine = texts.iter().filter(|text| text.contains(&about)).count();
        assert!(mine <= 1, "notified twice");
        (mine == 1).then_some(())
    })
    .await;

    let batch = format!("{window}.{}", goods.product);
    shop.post(&format!("/admin/batches/{batch}/confirm"), &json!({})).by(shop.admin()).send().await.expect(200);
    until("the customer is asked to pay", || async {
        (reached.mails_about(shop, "please pay").await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(reached.mails_about(shop, "your place is reserved").await.len(), 1);
    let asked = shop.order_of(&customer, &order).await;
    let end: jiff::Timestamp = asked["pay_before"].as_str().unwrap().parse().unwrap();
    // Twice, because a schedule may fire twice; the reminder is sent once on each channel.
    for _ in 0..2 {
        shop.tick("retry_notifications", end - SignedDuration::from_hours(24)).await;
    }
    let reminded = || async { (reached.mails_about(shop, "one day left").await.len() == 1).then_some(()) };
    until("the customer is reminded", reminded).await;
    let reminded = || async { (reached.pushes_about(shop, "one day left").await.len() == 1).then_some(()) };
    until("by LINE too", reminded).await;
}
