//! Tokens that are not what they say.
//!
//! One that has truly run out cannot be had here: the pool's live for an hour, and nobody but the pool can sign a shorter one.
//! One whose `exp` was moved is refused for its signature.

use crate::people::claims;
use crate::shop::Shop;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) async fn a_token_that_is_not_the_pools_own_is_refused(shop: &Shop) {
    let token = shop.customer().await.token;
    let admin = shop.admin();
    shop.get("/points").by(&token).send().await.expect(200);
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("not a token: {token}") };

    let mut richer = claims(&token);
    richer["cognito:groups"] = json!(["admin"]);
    let mut later = claims(&token);
    later["exp"] = json!(claims(&token)["exp"].as_i64().unwrap() + 86_400);
    let mut somebody = claims(&token);
    somebody["sub"] = claims(admin)["sub"].clone();
    let kid = &part(header)["kid"];
    let none = |algorithm: &str| encode(&json!({"alg": algorithm, "kid": kid, "typ": "JWT"}));
    let same = encode(&claims(&token));
    let [_, admin_claims, admin_signature] = admin.split('.').collect::<Vec<_>>()[..] else { panic!("not a token") };
    let flipped = if signature.starts_with('A') { "B" } else { "A" };

    let forged = [
        ("an admin's group added", format!("{header}.{}.{signature}", encode(&richer))),
        ("a later end", format!("{header}.{}.{signature}", encode(&later))),
        ("another subject", format!("{header}.{}.{signature}", encode(&somebody))),
        ("an admin's claims under a customer's signature", format!("{header}.{admin_claims}.{signature}")),
        ("a customer's claims under an admin's signature", format!("{header}.{same}.{admin_signature}")),
        ("another signature", format!("{header}.{same}.{flipped}{}", &signature[1..])),
        ("half a signature", format!("{header}.{same}.{}", &signature[..signature.len() / 2])),
        ("no signature", format!("{header}.{same}.")),
        ("no algorithm, no signature", format!("{}.{same}.", none("none"))),
        ("no algorithm, a signature", format!("{}.{}.{signature}", none("None"), encode(&richer))),
        ("a shared secret's algorithm", format!("{}.{same}.{signature}", none("HS256"))),
        ("two parts", format!("{header}.{same}")),
        ("a word", "admin".to_owned()),
        ("nothing", String::new()),
        ("a token of another pool", of_another_pool(shop).await),
        ("a token of another client of the pool", of_another_client(shop).await),
    ];
    for (what, token) in &forged {
        for path in ["/points", "/admin/orders"] {
            let reply = shop.get(path).by(token).send().await;
            assert_eq!((reply.status, reply.json()), (401, json!({"message": "Unauthorized"})), "{what}, {path}");
        }
    }
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn encode(claims: &Value) -> String {
    URL_SAFE_NO_PAD.encode(claims.to_string())
}

/// Well signed, by somebody else.
async fn of_another_pool(shop: &Shop) -> String {
    let pool = shop.cognito("CreateUserPool", &json!({"PoolName": "another"})).await;
    let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
    let token = of_new_client(shop, &pool).await.1;
    shop.cognito("DeleteUserPool", &json!({"UserPoolId": pool})).await;
    token
}

/// Well signed by the pool, for another audience.
async fn of_another_client(shop: &Shop) -> String {
    let pool = &shop.about.user_pool_id;
    let (client, token) = of_new_client(shop, pool).await;
    shop.cognito("DeleteUserPoolClient", &json!({"UserPoolId": pool, "ClientId": client})).await;
    token
}

async fn of_new_client(shop: &Shop, pool: &str) -> (String, String) {
    let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let input = json!({"UserPoolId": pool, "ClientName": "another", "ExplicitAuthFlows": flows});
    let client = shop.cognito("CreateUserPoolClient", &input).await;
    let client = client["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned();
    let email = shop.user(pool).await;
    let token = shop.sign_in(&client, &email).await;
    (client, token)
}
