//! The cost of looking a customer up, and of erasing.

use super::{ANN, Ledger, read};
use serde_json::json;
use tests::Shop;
use tests::shop::Session;

/// The customer's only order has ended.
pub(super) async fn customers(shop: &Shop, admin: &Session, ledger: &mut Ledger) {
    shop.aws.users().add(ANN, "ann@example.com", "+886912345678");
    shop.dispatch_events().await;
    shop.aws.take_calls();
    read(admin, ledger, "/admin/customers", "`list_customers`").await;
    read(admin, ledger, &format!("/admin/customers/{ANN}"), "`inspect_customer`, one order").await;
    admin.post_once("er", &format!("/admin/customers/{ANN}/erase"), &json!({})).await.expect(202);
    ledger.note(shop, "`erase_customer`, one order");
}
