//! A fake user pool: the operations of Cognito that the shop calls.

use crate::fake_messengers::{FakeResponse, Incoming};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An account.
#[derive(Debug, Clone)]
struct Account {
    sub: String,
    email: String,
    phone: String,
    created_s: i64,
}

/// The fake user pool. Cheap to clone; all clones share their state.
#[derive(Debug, Clone, Default)]
pub struct FakeUsers(Arc<Mutex<Vec<Account>>>);

impl FakeUsers {
    /// The operation of a request, if it is for the user pool.
    pub fn operation(request: &Incoming) -> Option<&'static str> {
        let asked = request.header("x-amz-target").strip_prefix("AWSCognitoIdentityProviderService.")?;
        ["ListUsers", "AdminGetUser", "AdminDeleteUser"].into_iter().find(|operation| *operation == asked)
    }

    /// Adds an account.
    pub fn add(&self, sub: &str, email: &str, phone: &str) {
        let mut accounts = self.accounts();
        let created_s = 1_795_000_000 + i64::try_from(accounts.len()).unwrap();
        let own = str::to_owned;
        accounts.push(Account { sub: own(sub), email: own(email), phone: own(phone), created_s });
    }

    /// Everything that the pool keeps, as text.
    pub fn text(&self) -> String {
        format!("{:?}", self.accounts())
    }

    /// The response to a request.
    pub fn answer(&self, operation: &str, body: &Value) -> FakeResponse {
        let (status, body) = self.handle(operation, body);
        FakeResponse::new(status, body.to_string()).with("content-type", "application/x-amz-json-1.1")
    }

    fn handle(&self, operation: &str, body: &Value) -> (u16, Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let mut accounts = self.accounts();
        if operation == "ListUsers" {
            return list(&accounts, &text("Filter"), &text("PaginationToken"), body["Limit"].as_u64().unwrap());
        }
        let Some(place) = accounts.iter().position(|account| account.sub == text("Username")) else {
            return (400, json!({"__type": "UserNotFoundException", "message": "User does not exist."}));
        };
        if operation == "AdminDeleteUser" {
            accounts.remove(place);
            return (200, json!({}));
        }
        let user = user(&accounts[place]);
        let (created, attributes) = (&user["UserCreateDate"], &user["Attributes"]);
        (200, json!({"Username": user["Username"], "UserCreateDate": created, "UserAttributes": attributes}))
    }

    fn accounts(&self) -> MutexGuard<'_, Vec<Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn list(accounts: &[Account], filter: &str, token: &str, limit: u64) -> (u16, Value) {
    let matches = |account: &&Account| match filter.split_once(" = ") {
        Some(("email", value)) => value == format!("{:?}", account.email),
        Some(("phone_number", value)) => value == format!("{:?}", account.phone),
        _ => filter.is_empty(),
    };
    let skipped = match token.strip_prefix("after-").map(str::parse::<usize>) {
        None if token.is_empty() => 0,
        Some(Ok(skipped)) => skipped,
        _ => return (400, json!({"__type": "InvalidParameterException", "message": "Invalid pagination token"})),
    };
    let limit = usize::try_from(limit).unwrap();
    let found: Vec<&Account> = accounts.iter().filter(matches).skip(skipped).collect();
    let mut answer = json!({"Users": found.iter().take(limit).map(|account| user(account)).collect::<Vec<_>>()});
    if found.len() > limit {
        answer["PaginationToken"] = json!(format!("after-{}", skipped + limit));
    }
    (200, answer)
}

fn user(account: &Account) -> Value {
    let attribute = |name: &str, value: &str| json!({"Name": name, "Value": value});
    json!({
        "Username": account.sub,
        "Enabled": true,
        "UserStatus": "CONFIRMED",
        "UserCreateDate": account.created_s,
        "Attributes": [
            attribute("sub", &account.sub), attribute("email", &account.email),
            attribute("phone_number", &account.phone),
        ],
    })
}
