//! The running shop: its description, and clients for its interfaces.

use crate::aws::Aws;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The description of a running stack, written by tools/local.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    pub(crate) api_url: String,
    pub(crate) endpoint: String,
    /// The folder with the state and the log of the local AWS.
    pub(crate) folder: PathBuf,
    /// The functions' AWS endpoint: the local AWS itself, or the proxy that injects faults.
    pub(crate) functions_endpoint: String,
    /// The address of the fake payment providers.
    pub(crate) providers: String,
    /// The address of the fake of LINE and Slack.
    pub(crate) messengers: String,
    /// The address of the pages.
    pub(crate) shop_url: String,
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

#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) about: Arc<Description>,
    pub(crate) http: reqwest::Client,
    pub(crate) aws: Aws,
    /// The local user pool fails when two users are created concurrently ("dictionary changed size during iteration").
    pub(crate) reception: Arc<tokio::sync::Mutex<()>>,
}

impl Shop {
    pub(crate) fn open(path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("MILLRUN_STACK={path}: {error}"));
        let about: Description = serde_json::from_str(&text).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let aws = Aws::new(&about);
        Self { about: Arc::new(about), http, aws, reception: Arc::default() }
    }

    pub(crate) fn admin(&self) -> &str {
        &self.about.tokens["admin"]
    }

    pub(crate) fn table(&self, area: &str) -> &str {
        &self.about.tables[area]
    }
}

/// The time of the shop's clock, which is this machine's.
#[expect(clippy::disallowed_methods, reason = "the shop under test has a real clock, and this is its caller")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A name that no other scenario and no other run uses.
pub(crate) fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
