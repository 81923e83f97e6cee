//! The user pool (Cognito): who has an account. The shop keeps no copy of it.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::primitives::DateTime;
use aws_sdk_cognitoidentityprovider::types::AttributeType;
use aws_types::SdkConfig;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::Moment;
use domain::id::CustomerId;
use std::fmt;

/// Users of one page (the limit of `ListUsers`).
const USERS_PER_PAGE_MAX: usize = 60;

/// An account of the user pool.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: CustomerId,
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub created_at: Moment,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({}, redacted)", self.id)
    }
}

/// Selects accounts; a field that is `None` does not filter. The values are parsed, so they contain no quotation mark.
#[derive(Clone, Default)]
pub struct UserFilter {
    pub email: Option<String>,
    pub phone: Option<String>,
}

impl UserFilter {
    /// The filter for `ListUsers`, which has at most one attribute.
    fn expression(&self) -> Option<String> {
        let by = |name: &str, value: &String| format!("{name} = \"{value}\"");
        let email = self.email.as_ref().map(|email| by("email", email));
        email.or_else(|| self.phone.as_ref().map(|phone| by("phone_number", phone)))
    }

    fn matches(&self, user: &User) -> bool {
        self.phone.is_none() || self.phone == user.phone
    }
}

/// The user pool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Users {
    config: SdkConfig,
    pool: String,
}

impl Users {
    /// The pool with this id.
    pub fn new(config: &SdkConfig, pool: String) -> Self {
        Self { config: config.clone(), pool }
    }

    /// Created at the first use, so that binaries whose use cases do not need it do not contain its code.
    fn client(&self) -> Client {
        Client::new(&self.config)
    }

    /// A page of the accounts, in the pool's own order.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed; a cursor that the pool did not give out is refused.
    pub async fn list(&self, filter: &UserFilter, page: &PageQuery) -> Result<Page<User>, Failure> {
        let token = page.cursor.as_deref().map(decode).transpose()?;
        let has_cursor = token.is_some();
        let limit = page.limit.get().min(USERS_PER_PAGE_MAX);
        let found = self
            .client()
            .list_users()
            .user_pool_id(&self.pool)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_filter(filter.expression())
            .set_pagination_token(token)
            .send()
            .await;
        let found = match found {
            Err(error) if has_cursor && is_invalid(&error) => return Err(PageQuery::bad_cursor().into()),
            found => found.map_err(sort)?,
        };
        let users = found.users.unwrap_or_default().into_iter();
        let users =
            users.filter_map(|user| read(user.username.as_deref(), &user.attributes, user.user_create_date.as_ref()));
        let items = users.filter(|user| filter.matches(user)).collect();
        let next_cursor = found.pagination_token.map(|token| URL_SAFE_NO_PAD.encode(token));
        Ok(Page { items, next_cursor })
    }

    /// A customer's account, if there is one.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed.
    pub async fn find(&self, customer: &CustomerId) -> Result<Option<User>, Failure> {
        let found = self.client().admin_get_user().user_pool_id(&self.pool).username(customer.to_string()).send().await;
        match found {
            Ok(user) => Ok(read(Some(&user.username), &user.user_attributes, user.user_create_date.as_ref())),
            Err(error) if is_unknown(&error) => Ok(None),
            Err(error) => Err(sort(error)),
        }
    }

    /// Deletes a customer's account with all its attributes; does nothing if there is none. Issued tokens are valid until
    /// they expire.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed.
    pub async fn delete(&self, customer: &CustomerId) -> Result<(), Failure> {
        let deleted =
            self.client().admin_delete_user().user_pool_id(&self.pool).username(customer.to_string()).send().await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if is_unknown(&error) => Ok(()),
            Err(error) => Err(sort(error)),
        }
    }
}

fn read(username: Option<&str>, attributes: &Option<Vec<AttributeType>>, created: Option<&DateTime>) -> Option<User> {
    let attribute = |name: &str| {
        let found = attributes.iter().flatten().find(|attribute| attribute.name == name)?;
        found.value.clone().filter(|value| !value.is_empty())
    };
    let id = attribute("sub").or_else(|| username.map(str::to_owned))?;
    Some(User {
        id: CustomerId::parse(&id)?,
        email: attribute("email"),
        phone: attribute("phone_number"),
        created_at: created.and_then(|at| Moment::from_second(at.secs()).ok()).unwrap_or_default(),
    })
}

fn decode(cursor: &str) -> Result<String, Failure> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let token = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|token| !token.is_empty());
    token.ok_or_else(|| PageQuery::bad_cursor().into())
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

fn is_unknown<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    code(error) == Some("UserNotFoundException")
}

fn is_invalid<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    code(error) == Some("InvalidParameterException")
}

fn sort<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let is_busy = code(&error) == Some("TooManyRequestsException") || aws::is_transient(&error);
    if is_busy { Failure::Busy } else { Failure::broken(error) }
}
