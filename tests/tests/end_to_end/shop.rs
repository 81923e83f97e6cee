//! The running shop: what its description says, and a client for each way to look at it.

use crate::aws::Aws;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What tools/local writes down about a running stack.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    pub(crate) api_url: String,
    pub(crate) endpoint: String,
    /// Where the local AWS keeps its state and its log.
    pub(crate) folder: PathBuf,
    /// Where the functions look for AWS: the same, or what stands between to let faults strike.
    pub(crate) functions_endpoint: String,
    /// The stand-in of the payment providers.
    pub(crate) providers: String,
    /// The stand-in of LINE and Slack.
    pub(crate) messengers: String,
    pub(crate) region: String,
    pub(crate) function_prefix: String,
    pub(crate) stack_name: String,
    pub(crate) event_bus: String,
    pub(crate) user_pool_id: String,
    pub(crate) user_pool_client_id: String,
    pub(crate) export_bucket: String,
    pub(crate) tables: HashMap<String, String>,
    pub(crate) tokens: HashMap<String, String>,
    pub(crate) identity_tokens: HashMap<String, String>,
}

/// The shop. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) about: Arc<Description>,
    pub(crate) http: reqwest::Client,
    pub(crate) aws: Aws,
    /// The local user pool loses its way when two users are made at once ("dictionary changed size during iteration").
    pub(crate) reception: Arc<tokio::sync::Mutex<()>>,
}

impl Shop {
    /// The shop that the file describes.
    pub(crate) fn open(path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("MILLRUN_STACK={path}: {error}"));
        let about: Description = serde_json::from_str(&text).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let aws = Aws::new(&about);
        Self { about: Arc::new(about), http, aws, reception: Arc::default() }
    }

    /// The admin's token.
    pub(crate) fn admin(&self) -> &str {
        &self.about.tokens["admin"]
    }

    /// A table's name.
    pub(crate) fn table(&self, area: &str) -> &str {
        &self.about.tables[area]
    }
}

/// The time, as the shop's own clock has it: it runs on this machine.
#[expect(clippy::disallowed_methods, reason = "the shop under test has a real clock, and this is its caller")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Something that no other scenario and no other run calls its own.
pub(crate) fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
