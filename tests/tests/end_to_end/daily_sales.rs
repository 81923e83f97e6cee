//! Daily sales: recorded by the nightly run, read by an admin.

use crate::events::paid_order;
use crate::fixtures::POINTS;
use crate::shop::{Shop, now};
use crate::wait::until;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

pub(crate) async fn the_nightly_run_records_daily_sales(shop: &Shop) {
    let goods = shop.goods(20).await;
    let customer = shop.customer_with(POINTS).await;
    paid_order(shop, &customer, &goods, 4).await;
    paid_order(shop, &customer, &goods, 1).await;
    until("the sales are counted", || async { (shop.sold(&goods.product).await == 5).then_some(()) }).await;

    let shop_time = TimeZone::get("Asia/Taipei").unwrap();
    let today = now().to_zoned(shop_time.clone()).date();
    let night = today.tomorrow().unwrap().at(0, 10, 0, 0).to_zoned(shop_time).unwrap().timestamp();
    for _ in 0..2 {
        shop.tick("record_daily_sales", night).await;
        let written: Vec<Value> = written(shop, today.yesterday().unwrap(), today, &goods.product).await;
        // On two days, if midnight was between the orders.
        let pieces: i64 = written.iter().map(|item| item["sold_qty"].as_i64().unwrap()).sum();
        assert_eq!(pieces, 5, "{written:?}");
        assert!(written.iter().all(|item| item["recorded_at"] == json!(night)), "{written:?}");
    }
    let path = "/admin/daily-sales";
    shop.get(path).by(&customer.token).send().await.refused(403, "forbidden");
    shop.get(&format!("{path}?from=2026-11-31")).by(shop.admin()).send().await.refused(422, "invalid_request");
}

/// The recorded sales of a product, over all pages.
async fn written(shop: &Shop, from: Date, to: Date, product: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/admin/daily-sales?from={from}&to={to}&limit=7{cursor}");
        let page = shop.get(&path).by(shop.admin()).send().await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().filter(|item| item["product_id"] == product).cloned());
        let Some(next) = page["next_cursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}
