//! A function that only makes the calls of `place_order`: the baseline cost of a function with the SDK. `READS` and
//! `WRITES` are the two requests that `place_order` sent once; only the keys are new each time.

#![allow(clippy::indexing_slicing, reason = "a value without the field is null, which fails where it is used")]

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use lambda_runtime::{LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

type Failure = Box<dyn Error + Send + Sync>;
type Item = HashMap<String, AttributeValue>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::var("AWS_ENDPOINT_URL")?;
    let http = aws::Client::new(Duration::from_secs(1));
    let key = |name| std::env::var(name);
    let credentials = Credentials::new(key("AWS_ACCESS_KEY_ID")?, key("AWS_SECRET_ACCESS_KEY")?, None, None, "bare");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(std::env::var("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http.clone())
        .endpoint_url(&url)
        .build();
    http.warm(&url).await;
    let calls = Arc::new((Client::new(&config), request("READS")?, request("WRITES")?));
    run(service_fn(move |_: LambdaEvent<Value>| {
        let calls = Arc::clone(&calls);
        async move {
            let (client, reads, writes) = &*calls;
            place(client, reads, writes).await?;
            Ok::<_, Failure>(json!({"statusCode": 201}))
        }
    }))
    .await
}

async fn place(client: &Client, reads: &Value, writes: &Value) -> Result<(), Failure> {
    let fresh = Uuid::new_v4().to_string();
    let mut wanted = HashMap::new();
    for (table, keys) in reads["RequestItems"].as_object().into_iter().flatten() {
        let is_strong = keys["ConsistentRead"].as_bool();
        let keys = keys["Keys"].as_array().into_iter().flatten().map(item).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).set_consistent_read(is_strong).build()?;
        wanted.insert(table.clone(), keys);
    }
    let total = ReturnConsumedCapacity::Total;
    client.batch_get_item().set_request_items(Some(wanted)).return_consumed_capacity(total.clone()).send().await?;
    let mut items = Vec::new();
    for write in writes["TransactItems"].as_array().into_iter().flatten() {
        items.push(transact(write, &fresh)?);
    }
    client.transact_write_items().set_transact_items(Some(items)).return_consumed_capacity(total).send().await?;
    Ok(())
}

fn transact(write: &Value, fresh: &str) -> Result<TransactWriteItem, Failure> {
    if let Some(put) = write.get("Put") {
        let mut item = item(&put["Item"]);
        if let Some(AttributeValue::S(key)) = item.get_mut("sk") {
            key.push_str(fresh);
        }
        let put = Put::builder()
            .table_name(text(&put["TableName"]).unwrap_or_default())
            .set_item(Some(item))
            .set_condition_expression(text(&put["ConditionExpression"]))
            .set_expression_attribute_names(names(put))
            .set_expression_attribute_values(values(put))
            .build()?;
        return Ok(TransactWriteItem::builder().put(put).build());
    }
    let update = &write["Update"];
    let update = Update::builder()
        .table_name(text(&update["TableName"]).unwrap_or_default())
        .set_key(Some(item(&update["Key"])))
        .update_expression(text(&update["UpdateExpression"]).unwrap_or_default())
        .set_condition_expression(text(&update["ConditionExpression"]))
        .set_expression_attribute_names(names(update))
        .set_expression_attribute_values(values(update))
        .build()?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn request(name: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_str(&std::env::var(name)?)?)
}

fn names(write: &Value) -> Option<HashMap<String, String>> {
    let names = write["ExpressionAttributeNames"].as_object()?;
    Some(names.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect())
}

fn values(write: &Value) -> Option<Item> {
    write.get("ExpressionAttributeValues").map(item)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn item(value: &Value) -> Item {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn attribute(value: &Value) -> AttributeValue {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return AttributeValue::Null(true);
    };
    match kind.as_str() {
        "S" => AttributeValue::S(text(value).unwrap_or_default()),
        "N" => AttributeValue::N(text(value).unwrap_or_default()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap_or_default()),
        "L" => AttributeValue::L(value.as_array().into_iter().flatten().map(attribute).collect()),
        "M" => AttributeValue::M(item(value)),
        _ => AttributeValue::Null(true),
    }
}
