//! Who took a step of an order's life.

use crate::id::CustomerId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The actor of a step in an order's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Actor {
    /// The customer of the order.
    Customer,
    /// The shop itself: a schedule, a consumer, or a provider's result.
    Shop,
    /// An admin, by the `sub` claim of the token.
    Admin(CustomerId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer => f.write_str("customer"),
            Self::Shop => f.write_str("shop"),
            Self::Admin(admin) => admin.fmt(f),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

impl TryFrom<String> for Actor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "customer" => Ok(Self::Customer),
            "shop" => Ok(Self::Shop),
            subject => {
                CustomerId::parse(subject).map(Self::Admin).ok_or("neither customer, shop nor the subject of a token")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_as_it_is_written() {
        for text in ["customer", "shop", "5b8d3e62-10aa-4f0f-9c3d-6f2a9e8b7c14"] {
            let actor = Actor::try_from(text.to_owned()).unwrap();
            assert_eq!(String::from(actor), text);
        }
        assert!(Actor::try_from(String::new()).is_err());
    }
}
