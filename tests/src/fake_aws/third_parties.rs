//! The requests that are not for a table, bus, queue or bucket: payment providers, messengers, the user pool and secrets.
//! They are not recorded as calls.

use super::{CONTACT_KEYS, FakeAws, LATENCY, actor, panic_quietly};
use crate::fake_messengers::{FakeResponse, Incoming};
use crate::fake_users::FakeUsers;
use crate::faults::{Fault, SentRequest};
use crate::roles;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::json;
use std::time::Duration;

impl FakeAws {
    /// The response of the third party that a request is for, if it is for one.
    pub(super) async fn ask_third_party(
        &self,
        uri: &str,
        incoming: &Incoming,
        actor: Option<&str>,
    ) -> Option<Result<HttpResponse, ConnectorError>> {
        let refused = |operation: &str| actor.and_then(|actor| roles::refused(actor, operation, &incoming.json()));
        if let Some(operation) = self.providers.operation(uri, incoming) {
            if let Some(refused) = incoming.is_secret().then(|| refused("GetSecretValue")).flatten() {
                return Some(Ok(refused));
            }
            return Some(self.call_third_party(operation, &|| self.providers.answer(operation, incoming)).await);
        }
        if let Some(operation) = FakeUsers::operation(incoming) {
            if let Some(refused) = refused(operation) {
                return Some(Ok(refused));
            }
            let answer = || (self.users.answer(operation, &incoming.json()), Duration::ZERO);
            return Some(self.call_third_party(operation, &answer).await);
        }
        if incoming.is_secret() && incoming.body.contains(CONTACT_KEYS) {
            if let Some(refused) = refused("GetSecretValue") {
                return Some(Ok(refused));
            }
            return Some(self.call_third_party("GetContactKeys", &|| self.contact_keys()).await);
        }
        let operation = incoming.operation()?;
        if let Some(refused) = refused(operation) {
            return Some(Ok(refused));
        }
        Some(self.call_third_party(operation, &|| self.messengers.answer(incoming)).await)
    }

    /// The response to a request for the contact keys' secret.
    fn contact_keys(&self) -> (FakeResponse, Duration) {
        let text = self.contact_keys.lock().unwrap().clone();
        let body = json!({"ARN": "arn", "Name": CONTACT_KEYS, "SecretString": text, "VersionId": "1"});
        let response = FakeResponse::new(200, body.to_string());
        (response.with("content-type", "application/x-amz-json-1.1"), Duration::ZERO)
    }

    /// A request to a third party, which handles it when `answer` is called. It is not recorded as a call to AWS.
    async fn call_third_party(
        &self,
        operation: &'static str,
        answer: &(dyn Fn() -> (FakeResponse, Duration) + Send + Sync),
    ) -> Result<HttpResponse, ConnectorError> {
        let actor = actor();
        let fault = self.state().faults.next_fault(&SentRequest {
            actor: actor.as_deref(),
            operation,
            tables: &[],
            is_index: false,
        });
        tokio::time::sleep(LATENCY).await;
        let broken = || ConnectorError::io("the connection broke".into());
        let (said, late) = match fault {
            None => answer(),
            Some(Fault::Undelivered) => return Err(broken()),
            Some(Fault::AnswerLost) => {
                answer();
                return Err(broken());
            }
            Some(Fault::KilledBefore) => return self.die().await.map(|_| unreachable!()),
            Some(Fault::KilledAfter) => {
                answer();
                return self.die().await.map(|_| unreachable!());
            }
            Some(Fault::Panicked) => panic_quietly(),
            Some(other) => panic!("{operation} does not support the fault {other:?}"),
        };
        tokio::time::sleep(late).await;
        let mut response = HttpResponse::new(said.status.try_into().unwrap(), SdkBody::from(said.body));
        for (name, value) in said.headers {
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }
}
