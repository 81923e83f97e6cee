//! The SDKs' common configuration, from what Lambda puts into the environment. No credential chain: inside Lambda there is
//! one source, and looking for others costs a cold start.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use runtime::environment::{WrongVariable, parsed, required};
use std::time::Duration;

/// Time to connect, in milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 1_000;
/// Time for one attempt, in milliseconds, unless `SDK_ATTEMPT_TIMEOUT_MS` says otherwise.
const ATTEMPT_TIMEOUT_MS: u64 = 1_000;
/// Attempts of the SDK itself at one call, after a time-out or a fault of the service.
const ATTEMPTS_MAX: u32 = 3;

/// Region, credentials, endpoint, time-outs and retries.
///
/// # Errors
/// Names the variable that is missing or wrong.
pub(crate) fn config() -> Result<SdkConfig, WrongVariable> {
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
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS))
        .operation_attempt_timeout(Duration::from_millis(attempt))
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
        .timeout_config(timeouts);
    if let Ok(endpoint) = std::env::var("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    Ok(config.build())
}
