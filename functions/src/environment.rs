//! How AWS is called: configuration from what Lambda puts into the environment, and the client. No credential chain: inside Lambda there is
//! one source, and looking for others costs a cold start.

use crate::UseCase;
use aws::Client;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use runtime::environment::{WrongVariable, parsed, required};
use std::time::Duration;
use tokio::time::timeout;

/// Time to connect, in milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 1_000;
/// Time for one attempt, in milliseconds, unless `SDK_ATTEMPT_TIMEOUT_MS` says otherwise.
const ATTEMPT_TIMEOUT_MS: u64 = 1_000;
/// Attempts of the SDK itself at one call, after a time-out or a fault of the service.
const ATTEMPTS_MAX: u32 = 3;
/// The connections that an environment's invocations will need.
#[derive(Debug)]
pub struct Connections {
    client: Client,
    tables: String,
    bus: String,
}

impl Connections {
    /// Opens those of a use case: while an environment starts nobody waits, and Lambda gives it a whole processor.
    pub async fn open(&self, use_case: &UseCase) {
        if use_case.manifest.uses_tables() {
            self.open_to(&self.tables).await;
        }
        if use_case.manifest.publishes() && self.bus != self.tables {
            self.open_to(&self.bus).await;
        }
    }

    async fn open_to(&self, url: &str) {
        // Without it the first call connects: a start must not fail or hang because of this.
        drop(timeout(Duration::from_millis(CONNECT_TIMEOUT_MS), self.client.warm(url)).await);
    }
}

/// Region, credentials, endpoint, time-outs, retries and the client; and its connections.
///
/// # Errors
/// Names the variable that is missing or wrong.
pub(crate) fn config() -> Result<(SdkConfig, Connections), WrongVariable> {
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty()),
        None,
        "lambda",
    );
    let attempt = parsed(
        "SDK_ATTEMPT_TIMEOUT_MS",
        ATTEMPT_TIMEOUT_MS,
        |text| text.parse().ok().filter(|millis| (100..=60_000).contains(millis)),
        "milliseconds from 100 to 60000",
    )?;
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(attempt)).build();
    let connect = Duration::from_millis(CONNECT_TIMEOUT_MS);
    let client = Client::new(connect).map_err(|error| WrongVariable::new("AWS_CA_BUNDLE", error.to_string()))?;
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
        .timeout_config(timeouts)
        .http_client(client.clone());
    if let Ok(endpoint) = std::env::var("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    let config = config.build();
    let connections = Connections { client, tables: aws::url(&config, "dynamodb"), bus: aws::url(&config, "events") };
    Ok((config, connections))
}
