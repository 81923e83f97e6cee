//! The final audit: after all scenarios, the ledgers are consistent.

use crate::aws::{key, number};
use crate::shop::Shop;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

pub(crate) async fn the_audit_finds_no_difference_but_a_planted_one(shop: &Shop) {
    agree(shop).await;

    let customer = shop.customer_with(5_000_000).await;
    let wallet = format!("CUSTOMER#{}", customer.id);
    add(shop, &wallet, 100).await;
    let differences = audit(shop).await;
    let [difference] = differences.as_array().unwrap().as_slice() else {
        panic!("expected exactly one difference: {differences}")
    };
    assert_eq!(
        (&difference["invariant"], &difference["expected"], &difference["found"]),
        (&json!("I4"), &json!("5000000"), &json!("5000100"))
    );
    assert!(difference["subject"].as_str().unwrap().contains(&customer.id), "{difference}");

    add(shop, &wallet, -100).await;
    agree(shop).await;
}

/// Waits until all pending events are processed; then the audit must find no difference.
pub(crate) async fn agree(shop: &Shop) {
    let mut last = Value::Null;
    for _ in 0..5 {
        last = audit(shop).await;
        if last == json!([]) {
            return;
        }
    }
    panic!("the audit finds differences: {last:#}");
}

async fn audit(shop: &Shop) -> Value {
    let audit = shop.get("/admin/audit").by(shop.admin()).send().await.expect(200);
    assert!(audit["checked_at"].is_string(), "{audit}");
    audit["differences"].clone()
}

/// Changes a balance directly in the table.
async fn add(shop: &Shop, wallet: &str, cents: i64) {
    let before = number(&shop.item("wallets", wallet, "BALANCE").await.unwrap(), "balance_cents");
    let update = shop.aws.tables.update_item().table_name(shop.table("wallets")).set_key(Some(key(wallet, "BALANCE")));
    update
        .update_expression("SET balance_cents = :cents")
        .expression_attribute_values(":cents", AttributeValue::N((before + cents).to_string()))
        .send()
        .await
        .unwrap();
}
