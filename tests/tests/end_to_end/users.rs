//! Users: real users of the stack's pool, separate for each scenario.

use crate::shop::{Shop, unique};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const PASSWORD: &str = "Millrun-test-1!";

/// A signed-in customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) token: String,
    pub(crate) id: String,
    /// The address that the account has.
    pub(crate) email: String,
}

impl Shop {
    pub(crate) async fn customer(&self) -> Customer {
        let email = self.user(&self.about.user_pool_id).await;
        let token = self.sign_in(&self.about.user_pool_client_id, &email).await;
        let id = claims(&token)["sub"].as_str().unwrap().to_owned();
        Customer { token, id, email }
    }

    pub(crate) async fn customers(&self, count: usize) -> Vec<Customer> {
        let mut customers = Vec::with_capacity(count);
        for _ in 0..count {
            customers.push(self.customer().await);
        }
        customers
    }

    pub(crate) async fn customer_with(&self, points_cents: i64) -> Customer {
        let customer = self.customer().await;
        let body = json!({"amount_cents": points_cents});
        self.post("/points/charge", &body).by(&customer.token).send().await.expect(200);
        customer
    }

    /// Creates a user of a pool. Returns the name.
    pub(crate) async fn user(&self, pool: &str) -> String {
        let email = format!("{}@shop.example", unique());
        let attributes = json!([{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]);
        let user = json!({
            "UserPoolId": pool, "Username": email, "UserAttributes": attributes, "MessageAction": "SUPPRESS",
        });
        self.cognito("AdminCreateUser", &user).await;
        let password = json!({"UserPoolId": pool, "Username": email, "Password": PASSWORD, "Permanent": true});
        self.cognito("AdminSetUserPassword", &password).await;
        email
    }

    /// Gets an access token as the shop's front end does.
    pub(crate) async fn sign_in(&self, client: &str, email: &str) -> String {
        let input = json!({
            "ClientId": client,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": email, "PASSWORD": PASSWORD},
        });
        let answer = self.cognito("InitiateAuth", &input).await;
        answer["AuthenticationResult"]["AccessToken"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

/// The unverified claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
