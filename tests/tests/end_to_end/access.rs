//! Who may call what.

use crate::goods::{POINTS, cart};
use crate::http::Reply;
use crate::shop::Shop;
use contracts::routes::{Access, ROUTES, Route};
use serde_json::json;

/// Ids that are of their form and name nothing.
const NOBODYS_ID: &str = "019aa3f5-9c00-7abc-8def-0123456789ab";
/// Answers of the functions that mean "you may, but there is no such thing, or nothing sensible was sent".
const ADMITTED: [u16; 4] = [200, 400, 404, 422];

pub(crate) async fn every_route_admits_whom_the_contract_says(shop: &Shop) {
    let customer = &shop.about.tokens["demo"];
    let other = shop.customer().await.token;
    for route in ROUTES {
        let nobody = call(shop, route, None).await;
        match route.access {
            Access::Public => assert_admitted(&nobody),
            // The gateway's own words: the function was never asked.
            _ => {
                assert_eq!((nobody.status, nobody.json()), (401, json!({"message": "Unauthorized"})), "{}", nobody.what)
            }
        }
        for token in [customer, &other, &shop.about.identity_tokens["demo"]] {
            let reply = call(shop, route, Some(token)).await;
            match route.access {
                Access::Admin => drop(reply.refused(403, "forbidden")),
                _ => assert_admitted(&reply),
            }
        }
        for token in [shop.admin(), &shop.about.identity_tokens["admin"]] {
            assert_admitted(&call(shop, route, Some(token)).await);
        }
    }
}

/// A request that finds nothing to do: ids of nothing, a body without fields.
async fn call(shop: &Shop, route: &Route, token: Option<&str>) -> Reply {
    let path: Vec<&str> =
        route.path.split('/').map(|part| if part.starts_with('{') { NOBODYS_ID } else { part }).collect();
    let ask = shop.ask(route.method, path.join("/").strip_prefix("/api/v1").unwrap());
    let ask = if route.method == "GET" { ask } else { ask.json(&json!({})) };
    match token {
        Some(token) => ask.by(token).send().await,
        None => ask.send().await,
    }
}

#[track_caller]
fn assert_admitted(reply: &Reply) {
    assert!(ADMITTED.contains(&reply.status), "{}: {} {}", reply.what, reply.status, reply.text);
}

pub(crate) async fn another_customers_things_are_not_found(shop: &Shop) {
    let goods = shop.goods(5).await;
    let (owner, other) = (shop.customer_with(POINTS).await, shop.customer_with(POINTS).await);
    let coupon = shop.campaign(5).await;
    shop.take_coupon(&owner, &coupon).await.expect(201);
    let paid = shop.order(&owner, &goods, 1).await;
    let payment = shop.try_pay(&owner, &paid).await.expect(201);
    let open = shop.order(&owner, &goods, 1).await;
    let id = open["order_id"].as_str().unwrap();

    shop.get(&format!("/orders/{id}")).by(&other.token).send().await.refused(404, "order_not_found");
    let cancel = format!("/orders/{id}/cancel");
    shop.post(&cancel, &json!({})).by(&other.token).send().await.refused(404, "order_not_found");
    shop.try_pay(&other, &open).await.refused(404, "order_not_found");
    let payment = format!("/payments/{}", payment["payment_id"].as_str().unwrap());
    shop.get(&payment).by(&other.token).send().await.refused(404, "payment_not_found");
    let mut body = cart(&goods.variant, 1);
    body["coupon_id"] = json!(coupon);
    shop.try_order(&other, &body).await.refused(404, "coupon_not_found");
    for path in ["/orders", "/me/coupons"] {
        let list = shop.get(path).by(&other.token).send().await.expect(200);
        assert_eq!(list["items"], json!([]), "{path}");
    }
    let history = shop.get("/points/history").by(&other.token).send().await.expect(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 1, "their own charge alone");
    // Also to an admin who comes as a customer.
    shop.get(&format!("/orders/{id}")).by(shop.admin()).send().await.refused(404, "order_not_found");
    assert_eq!(shop.get(&format!("/admin/orders/{id}")).by(shop.admin()).send().await.expect(200)["order_id"], id);

    // A key belongs to its caller: the same words of another customer are another request.
    let cart = cart(&goods.variant, 1);
    let mine = shop.post("/orders", &cart).key("a-key").by(&owner.token).send().await.expect(201);
    let theirs = shop.post("/orders", &cart).key("a-key").by(&other.token).send().await.expect(201);
    assert_ne!(mine["order_id"], theirs["order_id"]);
    // And it was all as if nothing had been tried.
    assert_eq!(shop.order_of(&owner, &open).await, open);
}

pub(crate) async fn only_the_very_group_admin_is_an_admin(shop: &Shop) {
    let (pool, client) = (&shop.about.user_pool_id, &shop.about.user_pool_client_id);
    for (groups, status) in [(&["notadmin"][..], 403), (&["administrators", "Admin"], 403), (&["staff", "admin"], 200)]
    {
        let email = shop.user(pool).await;
        for group in groups {
            ensure_group(shop, group).await;
            let member = json!({"UserPoolId": pool, "Username": email, "GroupName": group});
            shop.cognito("AdminAddUserToGroup", &member).await;
        }
        let token = shop.sign_in(client, &email).await;
        let reply = shop.get("/admin/orders?limit=1").by(&token).send().await;
        assert_eq!(reply.status, status, "{groups:?}: {}", reply.text);
    }
}

async fn ensure_group(shop: &Shop, name: &str) {
    let pool = &shop.about.user_pool_id;
    let groups = shop.cognito("ListGroups", &json!({"UserPoolId": pool})).await;
    if groups["Groups"].as_array().unwrap().iter().all(|group| group["GroupName"] != name) {
        shop.cognito("CreateGroup", &json!({"UserPoolId": pool, "GroupName": name})).await;
    }
}
