//! The permissions of a role, in IAM's terms where they exist.

/// A table, by the logical id in `infra/tables.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Catalog,
    Orders,
    Wallets,
    Coupons,
    Counters,
    Payments,
    Batches,
    Production,
    Notifications,
    Rankings,
    Activity,
    Outbox,
}

/// A DynamoDB action on one table. A transaction needs the permissions of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    BatchGetItem,
    ConditionCheckItem,
    DeleteItem,
    GetItem,
    PutItem,
    Query,
    Scan,
    UpdateItem,
}

/// An S3 action on the objects of a folder of product images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaAction {
    DeleteObject,
    /// Also allows `s3:ListBucket`, without which S3 does not tell a missing object from a forbidden one.
    GetObject,
    PutObject,
}

/// A secret, by the logical id in `template.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    EcpaySecret,
    NewebpaySecret,
    LinePaySecret,
    MessengerSecret,
    ContactKeysSecret,
}

/// An action on the user pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserAction {
    AdminDeleteUser,
    AdminGetUser,
    ListUsers,
}

/// A grant of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// These actions on a table.
    Table(Table, &'static [Action]),
    /// `Query` on an index of a table.
    Index(Table, &'static str),
    /// `events:PutEvents` on the shop's bus. Only the outbox publishes.
    PublishEvents,
    /// `sqs:SendMessage` to the queue of this use case, which is in the same area. Its URL is in `COUPON_REQUESTS_QUEUE`.
    SendTo(&'static str),
    /// `secretsmanager:GetSecretValue` on a secret.
    Read(Secret),
    /// These actions on the user pool.
    Users(&'static [UserAction]),
    /// `s3:PutObject` below this folder of the data platform's bucket.
    PutObjects(&'static str),
    /// An action below this folder of the bucket of product images.
    Media(MediaAction, &'static str),
    /// `ses:SendEmail` from the shop's own address.
    SendEmail,
    /// `sns:Publish` to phone numbers and to no topic, where text messages are enabled.
    SendSms,
}

impl Table {
    /// Every table, in the order of `infra/tables.yaml`.
    pub const ALL: [Self; 12] = [
        Self::Catalog,
        Self::Orders,
        Self::Wallets,
        Self::Coupons,
        Self::Counters,
        Self::Payments,
        Self::Batches,
        Self::Production,
        Self::Notifications,
        Self::Rankings,
        Self::Activity,
        Self::Outbox,
    ];
}

impl Grant {
    /// Each action with its resource, by the resource's short name: `dynamodb:Query`, `Orders/index/by_number`.
    pub fn allows(&self) -> Vec<(String, String)> {
        let one = |action: &str, resource: String| vec![(action.to_owned(), resource)];
        match self {
            Self::Table(table, actions) => {
                actions.iter().map(|action| (format!("dynamodb:{action:?}"), format!("{table:?}"))).collect()
            }
            Self::Index(table, index) => one("dynamodb:Query", format!("{table:?}/index/{index}")),
            Self::PublishEvents => one("events:PutEvents", "Bus".to_owned()),
            Self::SendTo(use_case) => one("sqs:SendMessage", format!("{}Queue", super::pascal_case(use_case))),
            Self::Read(secret) => one("secretsmanager:GetSecretValue", format!("{secret:?}")),
            Self::Users(actions) => {
                actions.iter().map(|action| (format!("cognito-idp:{action:?}"), "UserPool".to_owned())).collect()
            }
            Self::PutObjects(folder) => one("s3:PutObject", format!("Bucket/{folder}/*")),
            Self::Media(action, folder) => {
                let mut allowed = one(&format!("s3:{action:?}"), format!("Media/{folder}/*"));
                if *action == MediaAction::GetObject {
                    allowed.extend(one("s3:ListBucket", "Media".to_owned()));
                }
                allowed
            }
            Self::SendEmail => one("ses:SendEmail", "*".to_owned()),
            Self::SendSms => one("sns:Publish", "*".to_owned()),
        }
    }
}
