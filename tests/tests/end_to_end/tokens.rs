//! Invalid tokens.
//!
//! An expired token cannot be obtained by waiting, because the pool's tokens live for an hour. It is therefore signed here
//! with the local pool's own key; the same token with a later `exp` is accepted.

use crate::shop::{Shop, now};
use crate::users::claims;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use hmac::{Hmac, KeyInit, Mac};
use rsa::PrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey, LineEnding};
use rsa::signature::{SignatureEncoding, Signer};
use serde_json::{Value, json};
use sha2::Sha256;

/// The admin's claims with one of them changed.
fn admin_with(shop: &Shop, claim: &str, value: Value) -> Value {
    let mut claims = claims(shop.admin());
    claims[claim] = value;
    claims
}

/// Invalid tokens that claim to be an admin's, each with its defect.
pub(crate) async fn worthless(shop: &Shop) -> Vec<(&'static str, String)> {
    let (pool, stranger) = (Seal::of_the_pool(shop), Seal::of_a_stranger(shop));
    let seconds_hence = |seconds: i64| json!(now().as_second() + seconds);
    let same = claims(shop.admin());
    let [header, claims, signature] = parts(shop.admin());
    let hmac = |secret: &[u8]| {
        let signed = format!("{}.{claims}", encode(&json!({"alg": "HS256", "kid": pool.kid, "typ": "JWT"})));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    };
    let none = encode(&json!({"alg": "none", "kid": pool.kid, "typ": "JWT"}));
    vec![
        ("one that has run out", pool.sign(&admin_with(shop, "exp", seconds_hence(-60)))),
        ("one that is not good yet", pool.sign(&admin_with(shop, "nbf", seconds_hence(600)))),
        ("one for another client", pool.sign(&admin_with(shop, "client_id", json!("another")))),
        ("one for another audience", pool.sign(&admin_with(shop, "aud", json!("another")))),
        ("one that names another pool", pool.sign(&admin_with(shop, "iss", json!("https://pool.example")))),
        ("one of another pool", of_another_pool(shop).await),
        ("one that a stranger signed", stranger.sign(&same)),
        ("one without an algorithm", format!("{none}.{claims}.")),
        ("one without an algorithm that is signed", format!("{none}.{claims}.{signature}")),
        ("one whose secret is the public key", hmac(pool.public_key_pem().as_bytes())),
        ("one whose secret is the public key's bytes", hmac(&pool.public_key())),
        ("one without a signature", format!("{header}.{claims}.")),
    ]
}

/// A valid token signed here: it shows that the tokens of [`worthless`] that are signed with the pool's key are refused for
/// their claims.
pub(crate) fn sealed_like_the_pools(shop: &Shop) -> String {
    Seal::of_the_pool(shop).sign(&admin_with(shop, "exp", json!(now().as_second() + 600)))
}

/// A signing key with the key id of the pool's key.
struct Seal {
    key: PrivateKey,
    kid: Value,
}

impl Seal {
    /// The pool's key, from the state of the local AWS.
    fn of_the_pool(shop: &Shop) -> Self {
        let path = format!("state/cognito-pool-keys/{}-access.pem", shop.about.user_pool_id);
        let path = shop.about.folder.join(path);
        let pem = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { key: PrivateKey::from_pkcs8_pem(&pem).unwrap(), kid: kid_of_the_pool(shop) }
    }

    /// An unknown key.
    fn of_a_stranger(shop: &Shop) -> Self {
        Self { key: PrivateKey::new(&mut UnwrapErr(SysRng), 2_048).unwrap(), kid: kid_of_the_pool(shop) }
    }

    fn sign(&self, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(&json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"})), encode(claims));
        let signature = SigningKey::<Sha256>::new(self.key.clone()).sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    fn public_key(&self) -> Vec<u8> {
        self.key.to_public_key().to_public_key_der().unwrap().into_vec()
    }

    /// The pool's public key as PEM: a verifier that confuses the algorithms would use it as an HMAC secret.
    fn public_key_pem(&self) -> String {
        self.key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap()
    }
}

fn kid_of_the_pool(shop: &Shop) -> Value {
    let [header, ..] = parts(shop.admin());
    part(header)["kid"].clone()
}

pub(crate) async fn a_modified_token_is_refused(shop: &Shop) {
    let token = shop.customer().await.token;
    let admin = shop.admin();
    shop.get("/points").by(&token).send().await.expect(200);
    let [header, _, signature] = parts(&token);
    let with = |claim: &str, value: Value| {
        let mut changed = claims(&token);
        changed[claim] = value;
        format!("{header}.{}.{signature}", encode(&changed))
    };
    let later = claims(&token)["exp"].as_i64().unwrap() + 86_400;
    let same = encode(&claims(&token));
    let [_, admin_claims, admin_signature] = parts(admin);
    let flipped = if signature.starts_with('A') { "B" } else { "A" };

    let changed = [
        ("an admin's group added", with("cognito:groups", json!(["admin"]))),
        ("a later end", with("exp", json!(later))),
        ("another subject", with("sub", claims(admin)["sub"].clone())),
        ("an admin's claims under a customer's signature", format!("{header}.{admin_claims}.{signature}")),
        ("a customer's claims under an admin's signature", format!("{header}.{same}.{admin_signature}")),
        ("another signature", format!("{header}.{same}.{flipped}{}", &signature[1..])),
        ("half a signature", format!("{header}.{same}.{}", &signature[..signature.len() / 2])),
        ("two parts", format!("{header}.{same}")),
        ("a word", "admin".to_owned()),
        ("nothing", String::new()),
        ("a token of a client that is gone", of_another_client(shop).await),
    ];
    for (what, token) in &changed {
        for path in ["/points", "/admin/orders"] {
            let reply = shop.get(path).by(token).send().await;
            assert_eq!((reply.status, reply.json()), (401, json!({"message": "Unauthorized"})), "{what}, {path}");
        }
    }
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("not a token: {token}"))
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn encode(claims: &Value) -> String {
    URL_SAFE_NO_PAD.encode(claims.to_string())
}

/// A valid token of another issuer, in which the caller is an admin.
async fn of_another_pool(shop: &Shop) -> String {
    let pool = shop.cognito("CreateUserPool", &json!({"PoolName": "another"})).await;
    let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
    shop.cognito("CreateGroup", &json!({"UserPoolId": pool, "GroupName": "admin"})).await;
    let token = of_new_client(shop, &pool, &["admin"]).await.1;
    shop.cognito("DeleteUserPool", &json!({"UserPoolId": pool})).await;
    token
}

/// A valid token of the pool for another audience.
async fn of_another_client(shop: &Shop) -> String {
    let pool = &shop.about.user_pool_id;
    let (client, token) = of_new_client(shop, pool, &[]).await;
    shop.cognito("DeleteUserPoolClient", &json!({"UserPoolId": pool, "ClientId": client})).await;
    token
}

async fn of_new_client(shop: &Shop, pool: &str, groups: &[&str]) -> (String, String) {
    let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let input = json!({"UserPoolId": pool, "ClientName": "another", "ExplicitAuthFlows": flows});
    let client = shop.cognito("CreateUserPoolClient", &input).await;
    let client = client["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned();
    let email = shop.user(pool).await;
    for group in groups {
        let member = json!({"UserPoolId": pool, "Username": email, "GroupName": group});
        shop.cognito("AdminAddUserToGroup", &member).await;
    }
    let token = shop.sign_in(&client, &email).await;
    (client, token)
}
