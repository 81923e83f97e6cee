//! Access control: every route with every kind of caller.

use contracts::routes::Access;
use contracts::staff::Group;
use functions::ROUTES;
use serde_json::{Value, json};
use tests::events::HttpRequest;
use tests::fixtures::{cart, text};
use tests::{Caller, Reply, Shop};

/// A request to a route, with ids that do not exist.
async fn probe(shop: &Shop, caller: Caller, method: &str, path: &str) -> Reply {
    let filled = path
        .replace("{variant_id}", "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.00000001")
        .replace("{event_id}", "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a51");
    let filled: Vec<&str> = filled
        .split('/')
        .map(|part| if part.starts_with('{') { "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b" } else { part })
        .collect();
    let body = (method != "GET").then(|| b"{}".to_vec());
    let request = HttpRequest { method: method.to_owned(), target: filled.join("/"), headers: Vec::new(), body };
    shop.session(caller).send_raw(&request).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_route_admits_only_its_callers() {
    let shop = Shop::open();
    for route in ROUTES {
        let nobody = probe(&shop, Caller::Nobody, route.method, route.path).await;
        let customer = probe(&shop, Caller::Customer("ann".to_owned()), route.method, route.path).await;
        let admin = probe(&shop, Caller::Admin("root".to_owned()), route.method, route.path).await;
        let is_in = |reply: &Reply| !matches!(reply.status, 401 | 403) && reply.status < 500;
        match route.access {
            Access::Public => assert!(is_in(&nobody) && is_in(&customer) && is_in(&admin), "{route:?}"),
            Access::Customer => {
                nobody.refused(401, "unauthenticated");
                assert!(is_in(&customer), "{route:?}: {}", customer.text);
            }
            Access::Admin => {
                nobody.refused(401, "unauthenticated");
                customer.refused(403, "forbidden");
                assert!(is_in(&admin), "{route:?}: {}", admin.text);
            }
        }
    }
}

/// A caller whose token has these groups.
fn member(groups: &str) -> Caller {
    Caller::Claims(json!({"sub": "ann", "cognito:groups": groups}))
}

#[tokio::test(start_paused = true)]
async fn every_admin_route_admits_only_the_groups_that_its_contract_names() {
    let shop = Shop::open();
    let document = shop.customer("ann").get("/openapi.json").await.expect(200);
    for route in ROUTES.iter().filter(|route| route.access == Access::Admin) {
        let roles = &document["paths"][route.path][route.method.to_lowercase()]["x-roles"];
        let roles: Vec<&str> = roles
            .as_array()
            .unwrap_or_else(|| panic!("no x-roles: {route:?}"))
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert!(roles.contains(&"admin"), "{route:?}");
        for group in Group::ALL {
            let reply = probe(&shop, member(&format!("[{}]", group.name())), route.method, route.path).await;
            if roles.contains(&group.name()) {
                assert!(
                    !matches!(reply.status, 401 | 403) && reply.status < 500,
                    "{group:?} {route:?}: {}",
                    reply.text
                );
            } else {
                reply.refused(403, "forbidden");
            }
        }
    }
}

#[test]
fn a_group_besides_admin_reads_its_resources_and_gives_its_commands() {
    let commands = |group: Group| -> Vec<String> {
        let routes = ROUTES.iter().filter(|route| route.method != "GET" && group.may_call(route));
        let mut names: Vec<_> = routes
            .map(|route| format!("{} {}", route.method, route.path.trim_start_matches("/api/v1/admin")))
            .collect();
        names.sort();
        names
    };
    let fulfilment = [
        "PATCH /work-orders/{work_order_id}/steps/{n}",
        "POST /orders/{order_id}/ship",
        "POST /shipments",
        "POST /work-orders/{work_order_id}/complete",
        "POST /work-orders/{work_order_id}/fail",
        "POST /work-orders/{work_order_id}/start",
    ];
    assert_eq!(commands(Group::Fulfilment), fulfilment);
    let support =
        ["PATCH /orders/{order_id}/contact", "POST /notifications/{job_id}/retry", "POST /orders/{order_id}/cancel"];
    assert_eq!(commands(Group::Support), support);
    assert!(commands(Group::Viewer).is_empty());
    let reads =
        |group: Group, path: &str| ROUTES.iter().any(|route| route.path.ends_with(path) && group.may_call(route));
    assert!(reads(Group::Support, "/admin/payment-tasks") && !reads(Group::Fulfilment, "/admin/payment-tasks"));
    assert!(reads(Group::Fulfilment, "/admin/batches") && !reads(Group::Support, "/admin/batches"));
    assert!(reads(Group::Viewer, "/admin/outbox") && reads(Group::Viewer, "/admin/audit"));
}

#[tokio::test(start_paused = true)]
async fn group_names_match_whole_and_exactly() {
    let shop = Shop::open();
    for groups in ["[viewer]", "[staff viewer]", "[fulfilment viewer]"] {
        shop.session(member(groups)).get("/admin/outbox?status=FAILED").await.expect(200);
    }
    for groups in
        ["[viewers]", "[Viewer]", "[view]", "[viewer,admin]", "[fulfilment]", "[support]", "[Support viewer2]"]
    {
        shop.session(member(groups)).get("/admin/outbox?status=FAILED").await.refused(403, "forbidden");
    }
    // A caller in two groups has the permissions of both.
    let both = shop.session(member("[fulfilment support]"));
    both.get("/admin/payment-tasks").await.expect(200);
    both.get("/admin/work-orders").await.expect(200);
    both.post("/admin/products", &json!({})).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn the_admin_group_is_matched_exactly() {
    let shop = Shop::open();
    let with = |groups: &str| Caller::Claims(json!({"sub": "ann", "cognito:groups": groups}));
    for groups in ["[admin]", "[staff admin]", "[admin staff]"] {
        shop.session(with(groups)).get("/admin/outbox?status=FAILED").await.expect(200);
    }
    for groups in [
        "",
        "admin",
        "[notadmin]",
        "[admin",
        "admin]",
        "[administrators]",
        "[Admin]",
        "[admin-staff]",
        "[]",
        "[trainee,admin]",
    ] {
        shop.session(with(groups)).get("/admin/outbox?status=FAILED").await.refused(403, "forbidden");
    }
    for sub in ["", "a#b", "ORDER#1", "x y"] {
        let session = shop.session(Caller::Claims(json!({"sub": sub, "cognito:groups": "[admin]"})));
        session.get("/admin/outbox?status=FAILED").await.refused(401, "unauthenticated");
    }
    shop.session(Caller::Claims(json!({}))).get("/orders").await.refused(401, "unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_is_no_text_fails_no_request() {
    let shop = Shop::open();
    for odd in [json!(1_795_147_320), json!(true), json!(null), json!(["a", 1]), json!({"a": 1})] {
        let mut claims = json!({"sub": "ann", "auth_time": odd, "custom:flags": odd});
        shop.session(Caller::Claims(claims.clone())).get("/points").await.expect(200);
        claims["cognito:groups"] = odd.clone();
        shop.session(Caller::Claims(claims.clone())).get("/admin/outbox?status=FAILED").await.refused(403, "forbidden");
        claims["cognito:groups"] = json!(["staff", "admin"]);
        shop.session(Caller::Claims(claims)).get("/admin/outbox?status=FAILED").await.expect(200);
        shop.session(Caller::Claims(json!({"sub": odd}))).get("/points").await.refused(401, "unauthenticated");
    }
}

#[tokio::test(start_paused = true)]
async fn another_customers_order_and_payment_are_not_found() {
    let shop = Shop::open();
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let variant = shop.variant(5).await;
    ann.charge(1_000_000).await.expect(200);
    bob.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    bob.get(&format!("/orders/{order}")).await.refused(404, "order_not_found");
    bob.cancel(&order).await.refused(404, "order_not_found");
    bob.pay(&order).await.refused(404, "order_not_found");
    let payment = text(&ann.pay(&order).await.expect(201), "payment_id");
    bob.get(&format!("/payments/{payment}")).await.refused(404, "payment_not_found");
    ann.get(&format!("/payments/{payment}")).await.expect(200);
    // The responses do not reveal what exists.
    let missing = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    let (one, other) = (bob.get(&format!("/orders/{order}")).await, bob.get(&format!("/orders/{missing}")).await);
    assert_eq!(one.body["detail"], other.body["detail"]);
    assert_eq!(bob.balance().await, 1_000_000);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn another_customers_coupon_cannot_be_used() {
    let shop = Shop::open();
    let variant = shop.variant(5).await;
    let coupon = shop.coupon(5, 1).await;
    shop.customer("ann").take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    shop.customer("bob").post("/orders", &wanted).await.refused(404, "coupon_not_found");
    assert_eq!(shop.left(&variant).await, 5);
}

#[tokio::test(start_paused = true)]
async fn an_admin_finds_and_cancels_anybodys_order() {
    let shop = Shop::open();
    let (ann, admin) = (shop.customer("ann"), shop.admin());
    let variant = shop.variant(5).await;
    let order = ann.order(&variant, 2).await;
    let seen = admin.get(&format!("/admin/orders/{order}")).await.expect(200);
    let own = ann.get(&format!("/orders/{order}")).await.expect(200);
    for field in own.as_object().unwrap().keys().filter(|field| *field != "history") {
        assert_eq!(seen[field], own[field], "{field}");
    }
    let canceled = admin.post(&format!("/admin/orders/{order}/cancel"), &json!({"reason": "asked by phone"})).await;
    let history = canceled.expect(200)["history"].clone();
    assert_eq!((&history[1]["status"], &history[1]["reason"]), (&json!("CANCELED"), &json!("asked by phone")));
    assert_eq!(shop.left(&variant).await, 5);
    let missing = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    admin.get(&format!("/admin/orders/{missing}")).await.refused(404, "order_not_found");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn malformed_ids_are_not_found() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    for id in ["x", "1", "0193A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B", "..%2F..", "{}", "ORDER%23x"] {
        ann.get(&format!("/orders/{id}")).await.refused(404, "order_not_found");
        ann.get(&format!("/payments/{id}")).await.refused(404, "payment_not_found");
        ann.get(&format!("/coupons/{id}")).await.refused(404, "coupon_not_found");
        ann.get(&format!("/products/{id}")).await.refused(404, "product_not_found");
        ann.post("/payments", &json!({"order_id": id, "method": "POINTS"})).await.refused(404, "order_not_found");
        ann.post("/orders", &cart(id, 1)).await.refused(404, "variant_not_found");
        shop.admin().post(&format!("/admin/outbox/{id}/replay"), &json!({})).await.refused(404, "event_not_found");
    }
}

#[tokio::test(start_paused = true)]
async fn drafts_and_off_sale_products_are_neither_visible_nor_sold() {
    let shop = Shop::open();
    let (ann, admin) = (shop.customer("ann"), shop.admin());
    let product = shop.product("tea").await;
    let variant = shop.variant_of(&product, 5, 1).await;
    ann.get(&format!("/products/{product}")).await.expect(200);
    for status in ["DRAFT", "INACTIVE"] {
        admin.patch(&format!("/admin/products/{product}"), &json!({"status": status})).await.expect(200);
        ann.get(&format!("/products/{product}")).await.refused(404, "product_not_found");
        assert_eq!(ann.get("/products").await.expect(200)["items"], json!([]));
        ann.post("/orders", &cart(&variant, 1)).await.refused(409, "product_not_on_sale");
    }
    admin.patch(&format!("/admin/products/{product}"), &json!({"status": "ACTIVE"})).await.expect(200);
    admin.patch(&format!("/admin/variants/{variant}"), &json!({"is_active": false})).await.expect(200);
    ann.post("/orders", &cart(&variant, 1)).await.refused(409, "product_not_on_sale");
    let changed = json!({"is_active": true, "price_cents": 40_000});
    let changed = admin.patch(&format!("/admin/variants/{variant}"), &changed).await.expect(200);
    assert_eq!((&changed["price_cents"], &changed["available_qty"]), (&json!(40_000), &json!(5)));
    let mut wanted = cart(&variant, 1);
    wanted["expected_total_cents"] = json!(35_000);
    ann.post("/orders", &wanted).await.refused(409, "price_changed");
    wanted["expected_total_cents"] = json!(40_000);
    let order = ann.post("/orders", &wanted).await.expect(201);
    assert_eq!(order["total_cents"], 40_000);
}

#[tokio::test(start_paused = true)]
async fn correlation_ids_are_propagated_from_requests_through_events_to_their_effects() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let send = async |id: &str| {
        let headers = vec![("x-correlation-id".to_owned(), id.to_owned())];
        let target = "/api/v1/points/charge".to_owned();
        let body = Some(json!({"amount_cents": 1_000_000}).to_string().into_bytes());
        ann.send_raw(&HttpRequest { method: "POST".to_owned(), target, headers, body }).await.unwrap()
    };
    let reply = send("request-1").await;
    assert_eq!((reply.status, &reply.headers["x-correlation-id"]), (200, &json!("request-1")));
    // A value that could break a log line is replaced.
    let replaced = send("a b\"c").await.headers["x-correlation-id"].clone();
    assert!(replaced.as_str().unwrap().starts_with("request-"), "{replaced}");
    shop.dispatch_events().await;
    let published = shop.dispatcher.published();
    let ids: Vec<&Value> = published.iter().map(|event| &event.detail["correlation_id"]).collect();
    assert_eq!(ids, [&json!("request-1"), &replaced]);
}
