//! Access control: calls every route of the template with every kind of caller. A new route without an entry here fails the
//! test.

use crate::fixtures::{POINTS, VariantOnSale, cart};
use crate::http::Reply;
use crate::shop::{Shop, unique};
use crate::tokens;
use crate::users::Customer;
use contracts::routes::{Access, Route};
use contracts::staff::Group;
use functions::ROUTES;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

/// Well-formed ids of resources that do not exist.
const NOBODYS_ID: &str = "019aa3f5-9c00-7abc-8def-0123456789ab";
/// Responses that mean "allowed, but the resource does not exist or the body is invalid".
const ADMITTED: [u16; 4] = [200, 400, 404, 422];
/// Concurrent requests.
const AT_ONCE: usize = 8;

/// Routes that need no token.
const PUBLIC: &[&str] = &[
    "GET /openapi.json",
    "GET /payments/{payment_id}/checkout",
    "GET /products",
    "GET /products/best-sellers",
    "GET /products/{product_id}",
    "GET /sell-windows",
    "GET /sell-windows/{sell_window_id}",
    "GET /shipping-methods",
    "GET /webhooks/line-pay/confirm",
    "POST /payments/{payment_id}/checkout",
    "POST /webhooks/ecpay",
    "POST /webhooks/newebpay",
];

/// The response to a customer who requests a resource of another customer.
enum Theirs {
    /// 404, as if it did not exist.
    Missing(&'static str),
    /// Their own data: this value at this JSON pointer.
    Own(&'static str, Value),
    /// The route has no resource of a customer.
    Nobodys,
}

/// The response of each customer route to a request for another customer's resource.
fn theirs(route: &str) -> Theirs {
    match route {
        "GET /orders/{order_id}"
        | "POST /orders/{order_id}/cancel"
        | "PATCH /orders/{order_id}/contact"
        | "POST /payments" => Theirs::Missing("order_not_found"),
        "GET /payments/{payment_id}" => Theirs::Missing("payment_not_found"),
        "GET /coupons/{coupon_id}/requests/{ticket_id}" => Theirs::Missing("coupon_request_not_found"),
        "POST /orders" => Theirs::Missing("coupon_not_found"),
        "GET /orders" | "GET /me/coupons" | "GET /me/data" | "GET /points/history" => Theirs::Own("items", json!([])),
        "GET /me" | "PUT /me" => Theirs::Own("addresses", json!([])),
        "GET /points" => Theirs::Own("balance_cents", json!(0)),
        "POST /points/charge" => Theirs::Own("balance_cents", json!(POINTS)),
        // A quote is answered whatever coupon it names: `quotes` of the scenarios has what it says of one.
        "GET /coupons" | "GET /coupons/{coupon_id}" | "POST /coupons/{coupon_id}/issue" | "POST /quotes" => {
            Theirs::Nobodys
        }
        new => {
            panic!("{new}: add its response to requests for resources of another customer, or add it to PUBLIC")
        }
    }
}

/// The kinds of callers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guise {
    Nobody,
    Customer,
    Member(Group),
}

/// A caller.
#[derive(Clone)]
struct Caller {
    who: &'static str,
    guise: Guise,
    token: Option<String>,
}

/// The name of a route: `GET /orders`.
fn name(route: &Route) -> String {
    format!("{} {}", route.method, path(route))
}

fn path(route: &Route) -> &str {
    route.path.strip_prefix("/api/v1").unwrap_or_else(|| panic!("{} is outside of the API", route.path))
}

fn is_for_admins(route: &Route) -> bool {
    path(route).starts_with("/admin/")
}

fn is_public(route: &Route) -> bool {
    PUBLIC.contains(&name(route).as_str())
}

pub(crate) async fn every_route_admits_only_its_callers(shop: &Shop) {
    let routes = ROUTES;
    for route in routes {
        if !is_public(route) && !is_for_admins(route) {
            theirs(&name(route));
        }
        assert_eq!(route.access == Access::Public, is_public(route), "{}: what its manifest says", name(route));
    }
    for gone in PUBLIC {
        assert!(routes.iter().any(|route| name(route) == *gone), "no use case serves {gone}");
    }
    let callers = callers(shop).await;
    let calls: Vec<(Route, Caller)> =
        routes.iter().flat_map(|route| callers.iter().map(|caller| (*route, caller.clone()))).collect();
    stream::iter(calls)
        .for_each_concurrent(AT_ONCE, |(route, Caller { who, guise, token })| async move {
            let reply = call(shop, &route, token.as_deref()).await;
            let what = format!("{who}: {}: {} {}", name(&route), reply.status, reply.text);
            match guise {
                _ if is_public(&route) => assert!(ADMITTED.contains(&reply.status), "{what}"),
                // The gateway's own response: the function was not invoked.
                Guise::Nobody => {
                    assert_eq!((reply.status, reply.json()), (401, json!({"message": "Unauthorized"})), "{what}");
                }
                Guise::Customer if is_for_admins(&route) => drop(reply.refused(403, "forbidden")),
                Guise::Member(group) if is_for_admins(&route) && !group.may_call(&route) => {
                    drop(reply.refused(403, "forbidden"));
                }
                Guise::Customer | Guise::Member(_) => assert!(ADMITTED.contains(&reply.status), "{what}"),
            }
        })
        .await;
}

async fn callers(shop: &Shop) -> Vec<Caller> {
    let caller = |who, guise, token: &str| Caller { who, guise, token: Some(token.to_owned()) };
    let (access, identity) = (&shop.about.tokens, &shop.about.identity_tokens);
    let mut callers = vec![
        Caller { who: "nobody", guise: Guise::Nobody, token: None },
        caller("a customer", Guise::Customer, &access["demo"]),
        caller("another customer", Guise::Customer, &shop.customer().await.token),
        caller("a customer with an identity token", Guise::Customer, &identity["demo"]),
        caller("an admin", Guise::Member(Group::Admin), shop.admin()),
        caller("an admin with an identity token", Guise::Member(Group::Admin), &identity["admin"]),
        caller("an admin, by the pool's own key", Guise::Member(Group::Admin), &tokens::sealed_like_the_pools(shop)),
        caller("a member of fulfilment", Guise::Member(Group::Fulfilment), &access["fulfilment"]),
        caller("a member of support", Guise::Member(Group::Support), &access["support"]),
        caller("a viewer", Guise::Member(Group::Viewer), &access["viewer"]),
    ];
    let worthless = tokens::worthless(shop).await;
    callers.extend(worthless.iter().map(|(what, token)| caller(what, Guise::Nobody, token)));
    callers
}

/// A request without effect: ids that do not exist, an empty body.
async fn call(shop: &Shop, route: &Route, token: Option<&str>) -> Reply {
    let ask = shop.ask(route.method, &filled(route, |_| NOBODYS_ID.to_owned()));
    let ask = if route.method == "GET" { ask } else { ask.json(&json!({})) };
    match token {
        Some(token) => ask.by(token).send().await,
        None => ask.send().await,
    }
}

/// The route's path below the base path, with parameters filled in.
fn filled(route: &Route, value_of: impl Fn(&str) -> String) -> String {
    let parameter = |part: &str| part.strip_prefix('{')?.strip_suffix('}').map(&value_of);
    path(route).split('/').map(|part| parameter(part).unwrap_or_else(|| part.to_owned())).collect::<Vec<_>>().join("/")
}

/// A customer's resources: one of each kind that a route can name.
struct Things {
    goods: VariantOnSale,
    order: Value,
    coupon: String,
    payment: String,
    ticket: String,
}

impl Things {
    async fn of(shop: &Shop, owner: &Customer) -> Self {
        let goods = shop.goods(5).await;
        let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
        let coupon = shop.campaign(5).await;
        let ask = shop.ask("POST", &format!("/coupons/{coupon}/issue")).header("prefer", "respond-async");
        let ticket = text(&ask.key(&unique()).by(&owner.token).send().await.expect(202), "ticket_id");
        let paid = shop.order(owner, &goods, 1).await;
        let payment = text(&shop.try_pay(owner, &paid).await.expect(201), "payment_id");
        let order = shop.order(owner, &goods, 1).await;
        Self { goods, order, coupon, payment, ticket }
    }

    fn named(&self, parameter: &str) -> String {
        match parameter {
            "order_id" => self.order["order_id"].as_str().unwrap().to_owned(),
            "payment_id" => self.payment.clone(),
            "coupon_id" => self.coupon.clone(),
            "ticket_id" => self.ticket.clone(),
            new => panic!("{new}: add a resource of a customer to Things"),
        }
    }

    /// The request that another customer would send for them.
    fn body(&self, route: &str) -> Value {
        match route {
            "POST /orders" => {
                let mut body = cart(&self.goods.variant, 1);
                body["coupon_id"] = json!(self.coupon);
                body
            }
            "POST /quotes" => json!({"lines": cart(&self.goods.variant, 1)["lines"], "coupon_id": self.coupon}),
            "POST /payments" => json!({"order_id": self.order["order_id"], "method": "POINTS"}),
            "POST /points/charge" => json!({"amount_cents": POINTS}),
            "PUT /me" => json!({"addresses": []}),
            "PATCH /orders/{order_id}/contact" => json!({"name": "Eve"}),
            _ => json!({}),
        }
    }
}

pub(crate) async fn resources_of_another_customer_are_not_found(shop: &Shop) {
    let owner = shop.customer_with(POINTS).await;
    let things = Things::of(shop, &owner).await;
    for route in ROUTES.iter().filter(|route| !is_public(route) && !is_for_admins(route)) {
        // A new customer each time, without effects of earlier requests.
        let other = shop.customer().await;
        let ask = shop.ask(route.method, &filled(route, |parameter| things.named(parameter)));
        let body = things.body(&name(route));
        let ask = if route.method == "GET" { ask } else { ask.key(&unique()).json(&body) };
        let reply = ask.by(&other.token).send().await;
        match theirs(&name(route)) {
            Theirs::Missing(code) => drop(reply.refused(404, code)),
            Theirs::Own(place, wanted) => assert_eq!(reply.expect(200)[place], wanted, "{}", name(route)),
            Theirs::Nobodys => assert!((200..300).contains(&reply.status), "{}: {}", name(route), reply.text),
        }
    }
    let id = things.named("order_id");
    // Also to an admin who calls a customer route.
    shop.get(&format!("/orders/{id}")).by(shop.admin()).send().await.refused(404, "order_not_found");
    assert_eq!(shop.get(&format!("/admin/orders/{id}")).by(shop.admin()).send().await.expect(200)["order_id"], id);
    // And none of the attempts had an effect.
    assert_eq!(tests::fixtures::without_contact(shop.order_of(&owner, &things.order).await), things.order);
}

pub(crate) async fn an_idempotency_key_is_scoped_to_its_caller(shop: &Shop) {
    let (goods, one, other) = (shop.goods(5).await, shop.customer_with(POINTS).await, shop.customer_with(POINTS).await);
    let cart = cart(&goods.variant, 1);
    let mine = shop.post("/orders", &cart).key("a-key").by(&one.token).send().await.expect(201);
    let theirs = shop.post("/orders", &cart).key("a-key").by(&other.token).send().await.expect(201);
    assert_ne!(mine["order_id"], theirs["order_id"], "the same body of another customer is another request");
}

pub(crate) async fn only_the_exact_group_admin_grants_admin_rights(shop: &Shop) {
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
