//! Identifiers. Each has a type of its own, so that one cannot be passed for another.

use crate::Moment;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// Parses the canonical form: lower case with hyphens. `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                parse_uuid(text).map(Self)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

uuid_id! {
    ProductId;
    /// UUID v7, so that a customer's orders sort by time.
    OrderId;
    PaymentId;
    CouponId;
    /// A ledger entry of a wallet. UUID v7, so that the entries sort by time.
    EntryId;
    AdjustmentId;
    /// UUID v7. Its image is served under it, so it is never used again for another one.
    ImageId;
    /// UUID v7, so that sell windows sort by creation time.
    SellWindowId;
}

impl OrderId {
    /// The smallest id of an order that is placed at this time.
    pub fn first_at(moment: Moment) -> Self {
        let millis = u64::try_from(moment.as_millisecond()).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
    }

    /// The time at which the order was placed.
    pub fn created_at(self) -> Moment {
        created_at(self.0)
    }
}

impl SellWindowId {
    /// The creation time of the window.
    pub fn created_at(self) -> Moment {
        created_at(self.0)
    }
}

/// The time in a UUID v7.
fn created_at(id: Uuid) -> Moment {
    let millis = i64::try_from(id.as_u128() >> 80).unwrap_or_default();
    Moment::from_millisecond(millis).unwrap_or_default()
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    // One spelling per id: `{…}`, `urn:uuid:…` and upper case would be other keys for the same item.
    (id.hyphenated().to_string() == text).then_some(id)
}

/// A variant: `<product_id>.<8 hex digits>`. It contains its product's id, so that the keys of both are known and one
/// read finds both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariantId {
    product: ProductId,
    serial: u32,
}

impl VariantId {
    /// The variant of `product` with this serial number.
    pub const fn new(product: ProductId, serial: u32) -> Self {
        Self { product, serial }
    }

    /// Parses the canonical form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (product, serial) = text.split_once('.')?;
        let id = Self { product: ProductId::parse(product)?, serial: u32::from_str_radix(serial, 16).ok()? };
        (id.to_string() == text).then_some(id)
    }

    pub const fn product(self) -> ProductId {
        self.product
    }

    /// The serial number within the product.
    pub const fn serial(self) -> u32 {
        self.serial
    }
}

impl fmt::Display for VariantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:08x}", self.product, self.serial)
    }
}

/// A product in a sell window: `<sell_window_id>.<product_id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId {
    pub window: SellWindowId,
    pub product: ProductId,
}

impl OfferId {
    /// Parses the canonical form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (window, product) = text.split_once('.')?;
        Some(Self { window: SellWindowId::parse(window)?, product: ProductId::parse(product)? })
    }
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.window, self.product)
    }
}

macro_rules! offer_name {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(OfferId);

        impl $name {
            /// The id that belongs to this offer.
            pub const fn of(offer: OfferId) -> Self {
                Self(offer)
            }

            /// Parses the canonical form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                OfferId::parse(text).map(Self)
            }

            pub const fn offer(self) -> OfferId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

offer_name! {
    /// A batch. It has its offer's id, so that an offer has at most one batch.
    BatchId;
    /// A work order. It has its offer's id, so that a batch has at most one work order.
    WorkOrderId;
}

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }
    )*};
}

as_text! { VariantId OfferId BatchId WorkOrderId }

/// A coupon request that waits in a queue (a ticket). It is derived from customer, campaign and campaign version, so
/// that a repeated request gets the same ticket and none has to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(Uuid);

impl TicketId {
    /// The ticket of this customer's request for a coupon of this campaign version.
    pub fn of(coupon: CouponId, customer: &CustomerId, version: u32) -> Self {
        let hash = Sha256::digest(format!("{coupon}#{customer}#{version}"));
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(version.to_be_bytes().into_iter().chain(hash)) {
            *byte = hashed;
        }
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Parses a ticket; `None` unless it belongs to this customer and this campaign.
    pub fn parse(text: &str, coupon: CouponId, customer: &CustomerId) -> Option<Self> {
        let id = Self(parse_uuid(text)?);
        (id == Self::of(coupon, customer, id.version())).then_some(id)
    }

    /// The campaign's version at the time of the request.
    pub const fn version(self) -> u32 {
        (self.0.as_u128() >> 96) as u32
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A customer: the `sub` claim of a verified user-pool token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CustomerId(String);

impl CustomerId {
    /// The maximum length of `sub`, in bytes. Cognito's are UUIDs of 36 bytes.
    pub const MAX_BYTES: usize = 128;

    /// Parses a token's `sub`. `#` is refused because it separates the parts of keys.
    pub fn parse(sub: &str) -> Option<Self> {
        let fits = !sub.is_empty() && sub.len() <= Self::MAX_BYTES;
        (fits && sub.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'|' | b':' | b'.')))
            .then(|| Self(sub.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An outbox record: the events of one transaction. Its last four bits are zero; they number the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(Uuid);

/// A published event: its record's id, with the position in the last four bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(Uuid);

impl RecordId {
    /// The maximum number of events in one transaction: what four bits can number.
    pub const EVENTS_MAX: usize = 16;

    /// A record with a new UUID v7, whose time part determines its minute's partition.
    pub const fn new(id: Uuid) -> Self {
        Self(Uuid::from_u128(id.as_u128() & !0xf))
    }

    /// The id of the event at `position` (less than [`Self::EVENTS_MAX`]).
    pub const fn event(self, position: u8) -> EventId {
        EventId(Uuid::from_u128(self.0.as_u128() | (position & 0xf) as u128))
    }

    /// Parses the canonical form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let id = parse_uuid(text)?;
        (id.as_u128() & 0xf == 0).then_some(Self(id))
    }

    /// Milliseconds since the Unix epoch at which the id was created.
    pub const fn millis(self) -> u64 {
        (self.0.as_u128() >> 80) as u64
    }

    /// Four random bits, which select the shard of the minute's partition.
    pub const fn spread(self) -> u8 {
        ((self.0.as_u128() >> 4) & 0xf) as u8
    }
}

impl EventId {
    /// Parses the canonical form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        parse_uuid(text).map(Self)
    }

    /// The id immediately before this one in sort order.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128().saturating_sub(1)))
    }

    /// The outbox record of the event.
    pub const fn record(self) -> RecordId {
        RecordId::new(self.0)
    }

    /// The event's position in the record.
    pub const fn position(self) -> usize {
        (self.0.as_u128() & 0xf) as usize
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let text = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
        assert_eq!(OrderId::parse(text).unwrap().to_string(), text);
        for other in [text.to_uppercase(), format!("{{{text}}}"), format!("urn:uuid:{text}"), text.replace('-', "")] {
            assert_eq!(OrderId::parse(&other), None, "{other}");
        }
    }

    #[test]
    fn a_variant_id_carries_its_product() {
        let text = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.00c0ffee";
        let id = VariantId::parse(text).unwrap();
        assert_eq!((id.product().to_string().as_str(), id.serial()), (&text[..36], 0x00c0_ffee));
        assert_eq!(id.to_string(), text);
        for other in ["", "x", &text[..36], &format!("{}.+0c0ffee", &text[..36]), &format!("{}.00C0FFEE", &text[..36])]
        {
            assert_eq!(VariantId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_batch_is_named_after_its_offer() {
        let window = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
        let product = "0193a1b2-c3d4-7e5f-8a9b-000000000001";
        let id = BatchId::parse(&format!("{window}.{product}")).unwrap();
        assert_eq!((id.offer().window.to_string(), id.offer().product.to_string()), (window.into(), product.into()));
        assert_eq!(id.to_string(), format!("{window}.{product}"));
        for other in ["", ".", window, &format!("{window}."), &format!("{window}.{product}.")] {
            assert_eq!(BatchId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn an_event_id_leads_back_to_its_record() {
        let record = RecordId::new(Uuid::from_u128(0x0193_a1b2_c3d4_7e5f_8a9b_0c1d_2e3f_4a5b));
        let event = record.event(3);
        assert_eq!(event.record(), record);
        assert_eq!(event.position(), 3);
        assert_eq!(record.millis(), 0x0193_a1b2_c3d4);
        assert_ne!(record.event(0), record.event(1));
    }

    #[test]
    fn a_record_id_has_no_position_and_selects_its_shard() {
        let text = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50";
        let record = RecordId::parse(text).unwrap();
        assert_eq!((record.to_string().as_str(), record.spread()), (text, 5));
        assert_eq!(RecordId::parse(&record.event(1).to_string()), None, "an event is not a record");
    }

    #[test]
    fn the_id_before_another_sorts_right_before_it() {
        let event = RecordId::new(Uuid::from_u128(0x10)).event(3);
        assert_eq!(event.before(), RecordId::new(Uuid::from_u128(0x10)).event(2));
        assert!(event.before() < event);
    }

    #[test]
    fn a_ticket_belongs_to_its_customer() {
        let (coupon, other) = (CouponId::new(Uuid::nil()), CouponId::new(Uuid::max()));
        let (ann, bob) = (CustomerId::parse("ann").unwrap(), CustomerId::parse("bob").unwrap());
        let ticket = TicketId::of(coupon, &ann, 3);
        let text = ticket.to_string();
        assert_eq!(ticket, TicketId::of(coupon, &ann, 3));
        assert_eq!(TicketId::parse(&text, coupon, &ann), Some(ticket));
        assert_eq!(ticket.version(), 3);
        assert_eq!(TicketId::parse(&text, coupon, &bob), None);
        assert_eq!(TicketId::parse(&text, other, &ann), None);
        assert_ne!(TicketId::of(coupon, &ann, 4), ticket);
        assert_eq!(TicketId::parse("", coupon, &ann), None);
    }

    #[test]
    fn a_sub_claim_with_a_key_separator_is_refused() {
        let sub = "3f1c2d4e-0000-4000-8000-000000000000";
        assert_eq!(CustomerId::parse(sub).unwrap().as_str(), sub);
        for bad in ["", "a#b", "a b", "a\n", &"x".repeat(129)] {
            assert!(CustomerId::parse(bad).is_none(), "{bad:?}");
        }
    }
}
