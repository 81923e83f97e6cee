//! The AWS client and its configuration from Lambda's environment variables. No credential chain (`aws-config`): Lambda has
//! one source of credentials, and trying others makes cold starts slower.

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

/// Time-out for connecting, in milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 1_000;
/// Time-out of one attempt in milliseconds; `SDK_ATTEMPT_TIMEOUT_MS` overrides it.
const ATTEMPT_TIMEOUT_MS: u64 = 1_000;
/// Attempts of one request by the SDK, including the first: it retries after a time-out, throttling or a service fault.
const ATTEMPTS_MAX: u32 = 3;
/// The connections that invocations will need.
#[derive(Debug)]
pub struct Connections {
    client: Client,
    tables: String,
    bus: String,
}

impl Connections {
    /// Opens the connections of a use case during init, when no caller waits and Lambda gives the process a whole
    /// processor.
    pub async fn open(&self, use_case: &UseCase) {
        if use_case.manifest.uses_tables() {
            self.open_to(&self.tables).await;
        }
        if use_case.manifest.publishes() && self.bus != self.tables {
            self.open_to(&self.bus).await;
        }
    }

    async fn open_to(&self, url: &str) {
        // A failure must not stop or delay the start: without the connection, the first call connects.
        drop(timeout(Duration::from_millis(CONNECT_TIMEOUT_MS), self.client.warm(url)).await);
    }
}

/// Region, credentials, endpoint, time-outs, retries, client and connections.
///
/// # Errors
/// Names the variable that is missing or invalid.
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
    let client = Client::new(Duration::from_millis(CONNECT_TIMEOUT_MS));
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
