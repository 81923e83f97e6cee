//! Points: the customer's stored credit and its ledger.

use crate::id::{EntryId, OrderId, PaymentId};
use crate::money::Cents;
use crate::shop::Shop;
use crate::text::Reason;
use crate::{Moment, Refusal};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The way in which points are bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointsCharging {
    /// With a payment at a provider.
    Payment,
    /// Credited immediately, because only a till that has already taken the money can call the route.
    Trusted,
}

/// A customer's balance. `version` is the number of ledger entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wallet {
    /// The sum of all entries; never negative.
    pub balance: Cents,
    /// The number of entries.
    pub version: u64,
}

/// The type of a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum EntryType {
    /// The customer bought points.
    Charge,
    /// The customer paid an order.
    Use,
    /// The points of an order were refunded.
    Refund,
    /// An admin gave points, or took points back.
    Grant,
}

impl EntryType {
    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// One ledger entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub kind: EntryType,
    /// Positive for `CHARGE` and `REFUND`, negative for `USE`; either for `GRANT`.
    pub amount: Cents,
    /// The balance after the entry.
    pub balance_after: Cents,
    pub order: Option<OrderId>,
    /// The payment at a provider that bought the points.
    pub payment: Option<PaymentId>,
    /// The admin's reason for giving points or taking them back.
    pub reason: Option<Reason>,
    pub at: Moment,
}

impl Wallet {
    /// Whether a charge of `amount` may begin.
    ///
    /// # Errors
    /// [`Refusal::ChargeBelowMinimum`], [`Refusal::BalanceLimitExceeded`].
    pub fn may_be_charged(self, amount: Cents, shop: &Shop) -> Result<(), Refusal> {
        if amount < shop.points_charge_min {
            return Err(Refusal::ChargeBelowMinimum { min_cents: shop.points_charge_min.get() });
        }
        self.has_room(amount, shop)
    }

    /// Checks that the balance stays within its limit with `amount` more.
    ///
    /// # Errors
    /// [`Refusal::BalanceLimitExceeded`].
    pub fn has_room(self, amount: Cents, shop: &Shop) -> Result<(), Refusal> {
        if self.balance.plus(amount) > shop.points_balance_max {
            return Err(Refusal::BalanceLimitExceeded { max_cents: shop.points_balance_max.get() });
        }
        Ok(())
    }

    /// Adds bought points whose money the caller has taken.
    ///
    /// # Errors
    /// [`Refusal::ChargeBelowMinimum`], [`Refusal::BalanceLimitExceeded`].
    pub fn charge(self, id: EntryId, amount: Cents, shop: &Shop, now: Moment) -> Result<(Self, Entry), Refusal> {
        self.may_be_charged(amount, shop)?;
        Ok(self.apply(id, EntryType::Charge, amount, None, now))
    }

    /// Adds points that `payment` has bought. The minimum was checked when the payment began.
    ///
    /// # Errors
    /// [`Refusal::BalanceLimitExceeded`].
    pub fn top_up(
        self,
        id: EntryId,
        payment: (PaymentId, Cents),
        shop: &Shop,
        now: Moment,
    ) -> Result<(Self, Entry), Refusal> {
        let (payment, amount) = payment;
        self.has_room(amount, shop)?;
        let (wallet, entry) = self.apply(id, EntryType::Charge, amount, None, now);
        Ok((wallet, Entry { payment: Some(payment), ..entry }))
    }

    /// Pays an order.
    ///
    /// # Errors
    /// [`Refusal::InsufficientPoints`].
    pub fn spend(self, id: EntryId, amount: Cents, order: OrderId, now: Moment) -> Result<(Self, Entry), Refusal> {
        if self.balance < amount {
            return Err(Refusal::InsufficientPoints);
        }
        Ok(self.apply(id, EntryType::Use, Cents::ZERO.minus(amount), Some(order), now))
    }

    /// Refunds an order's points. Never refused: it is the customer's money, even above the balance limit.
    pub fn refund(self, id: EntryId, amount: Cents, order: OrderId, now: Moment) -> (Self, Entry) {
        self.apply(id, EntryType::Refund, amount, Some(order), now)
    }

    /// Adds points that an admin gives, or takes some away when `amount` is negative.
    ///
    /// # Errors
    /// [`Refusal::InsufficientPoints`], [`Refusal::BalanceLimitExceeded`].
    pub fn grant(
        self,
        id: EntryId,
        (amount, reason): (Cents, Reason),
        shop: &Shop,
        now: Moment,
    ) -> Result<(Self, Entry), Refusal> {
        let (wallet, entry) = self.apply(id, EntryType::Grant, amount, None, now);
        if wallet.balance < Cents::ZERO {
            return Err(Refusal::InsufficientPoints);
        }
        // A balance that refunds have lifted above the limit may still be lowered.
        if amount > Cents::ZERO && wallet.balance > shop.points_balance_max {
            return Err(Refusal::BalanceLimitExceeded { max_cents: shop.points_balance_max.get() });
        }
        Ok((wallet, Entry { reason: Some(reason), ..entry }))
    }

    fn apply(self, id: EntryId, kind: EntryType, amount: Cents, order: Option<OrderId>, at: Moment) -> (Self, Entry) {
        let balance = self.balance.plus(amount);
        let entry = Entry { id, kind, amount, balance_after: balance, order, payment: None, reason: None, at };
        (Self { balance, version: self.version + 1 }, entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::tests::shop;
    use proptest::prelude::*;
    use uuid::Uuid;

    const ENTRY: EntryId = EntryId::new(Uuid::nil());
    const ORDER: OrderId = OrderId::new(Uuid::nil());

    fn wallet(balance: i64) -> Wallet {
        Wallet { balance: Cents::new(balance), version: 1 }
    }

    #[test]
    fn a_grant_keeps_the_balance_between_zero_and_the_limit() {
        let most = shop().points_balance_max.get();
        let reason = || Reason::parse("reason", "sorry").unwrap();
        let grant =
            |before, cents| wallet(before).grant(ENTRY, (Cents::new(cents), reason()), &shop(), Moment::UNIX_EPOCH);
        let (after, entry) = grant(500, -500).unwrap();
        assert_eq!((after.balance, entry.kind, entry.amount), (Cents::ZERO, EntryType::Grant, Cents::new(-500)));
        assert_eq!(grant(500, -501).unwrap_err(), Refusal::InsufficientPoints);
        assert_eq!(grant(0, most).unwrap().0.balance, Cents::new(most));
        assert_eq!(grant(1, most).unwrap_err(), Refusal::BalanceLimitExceeded { max_cents: most });
        assert!(grant(most + 10, -1).is_ok());
    }

    #[test]
    fn the_minimum_charge_is_ten_thousand() {
        let charge = |cents| wallet(0).charge(ENTRY, Cents::new(cents), &shop(), Moment::UNIX_EPOCH);
        assert!(charge(1_000_000).is_ok());
        for small in [999_999, 1, 0, -1_000_000, i64::MIN] {
            assert_eq!(charge(small).unwrap_err(), Refusal::ChargeBelowMinimum { min_cents: 1_000_000 }, "{small}");
        }
    }

    #[test]
    fn the_balance_limit_is_two_million() {
        let charge = |cents| wallet(199_000_000).charge(ENTRY, Cents::new(cents), &shop(), Moment::UNIX_EPOCH);
        assert_eq!(charge(1_000_000).unwrap().0.balance, Cents::new(200_000_000));
        for large in [1_000_001, i64::MAX] {
            assert_eq!(charge(large).unwrap_err(), Refusal::BalanceLimitExceeded { max_cents: 200_000_000 }, "{large}");
        }
    }

    #[test]
    fn money_that_arrives_is_credited_below_the_minimum_but_never_beyond_the_limit() {
        let payment = PaymentId::new(Uuid::max());
        let top_up =
            |cents| wallet(199_000_000).top_up(ENTRY, (payment, Cents::new(cents)), &shop(), Moment::UNIX_EPOCH);
        let (after, entry) = top_up(500).unwrap();
        assert_eq!((after.balance, after.version), (Cents::new(199_000_500), 2));
        assert_eq!((entry.kind, entry.payment, entry.order), (EntryType::Charge, Some(payment), None));
        assert_eq!(top_up(1_000_001).unwrap_err(), Refusal::BalanceLimitExceeded { max_cents: 200_000_000 });
    }

    #[test]
    fn the_balance_is_never_negative() {
        let spend = |cents| wallet(500).spend(ENTRY, Cents::new(cents), ORDER, Moment::UNIX_EPOCH);
        assert_eq!(spend(500).unwrap().0.balance, Cents::ZERO);
        assert_eq!(spend(501).unwrap_err(), Refusal::InsufficientPoints);
    }

    #[test]
    fn a_wallets_version_counts_its_entries() {
        let (once, _) = wallet(500).spend(ENTRY, Cents::new(100), ORDER, Moment::UNIX_EPOCH).unwrap();
        let (twice, entry) = once.refund(ENTRY, Cents::new(100), ORDER, Moment::UNIX_EPOCH);
        assert_eq!((once.version, twice.version), (2, 3));
        assert_eq!((entry.kind, entry.order, entry.balance_after), (EntryType::Refund, Some(ORDER), Cents::new(500)));
    }

    proptest! {
        #[test]
        fn the_balance_is_the_sum_of_the_entries_and_never_negative(
            steps in prop::collection::vec((0..3u8, 0..3_000_000i64), 0..60),
        ) {
            let mut wallet = Wallet::default();
            let mut sum = Cents::ZERO;
            for (what, cents) in steps {
                let amount = Cents::new(cents);
                let done = match what {
                    0 => wallet.charge(ENTRY, amount, &shop(), Moment::UNIX_EPOCH),
                    1 => wallet.spend(ENTRY, amount, ORDER, Moment::UNIX_EPOCH),
                    _ => Ok(wallet.refund(ENTRY, amount, ORDER, Moment::UNIX_EPOCH)),
                };
                if let Ok((after, entry)) = done {
                    sum = sum.plus(entry.amount);
                    prop_assert_eq!(entry.balance_after, after.balance);
                    wallet = after;
                }
                prop_assert!(wallet.balance >= Cents::ZERO);
                prop_assert_eq!(wallet.balance, sum);
            }
        }
    }
}
