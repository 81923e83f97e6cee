//! Retries with the current keys, which may change at any time.

use super::{
    Charge, Notice, PaymentProvider, Payments, ProviderError, ProviderFuture, Refunded, Start, Trade, Unreadable,
};
use domain::money::Cents;
use domain::payment::PaymentMethod;

/// Calls with the cached keys, and after a wrong signature again with the current keys. A call with a wrong signature was
/// not executed, so nothing is executed twice.
pub(super) struct FreshKeys {
    payments: Payments,
    method: PaymentMethod,
    known: Box<dyn PaymentProvider>,
}

impl FreshKeys {
    pub(super) fn new(payments: Payments, method: PaymentMethod, known: Box<dyn PaymentProvider>) -> Self {
        Self { payments, method, known }
    }

    /// The provider with the current keys, if they have changed. If the secret cannot be read, the first result stands.
    async fn renewed(&self) -> Option<Box<dyn PaymentProvider>> {
        self.payments.renewed(self.method).await.ok().flatten()
    }
}

/// `$call` on the cached provider, and on the renewed one after [`ProviderError::Signature`].
macro_rules! with_fresh_keys {
    ($self:ident, $provider:ident => $call:expr) => {
        Box::pin(async move {
            let $provider = &$self.known;
            match $call.await {
                Err(ProviderError::Signature) => match $self.renewed().await {
                    Some($provider) => $call.await,
                    None => Err(ProviderError::Signature),
                },
                answer => answer,
            }
        })
    };
}

impl PaymentProvider for FreshKeys {
    fn merchant(&self) -> &str {
        self.known.merchant()
    }

    fn start<'a>(&'a self, charge: &'a Charge) -> ProviderFuture<'a, Start> {
        with_fresh_keys!(self, provider => provider.start(charge))
    }

    fn read_callback(&self, body: &[u8]) -> Result<Notice, Unreadable> {
        self.known.read_callback(body)
    }

    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        with_fresh_keys!(self, provider => provider.look_up(trade))
    }

    fn confirm<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        with_fresh_keys!(self, provider => provider.confirm(trade))
    }

    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents> {
        with_fresh_keys!(self, provider => provider.refunded(trade))
    }

    fn refund<'a>(&'a self, trade: &'a Trade, amount: Cents, before: Cents) -> ProviderFuture<'a, Refunded> {
        with_fresh_keys!(self, provider => provider.refund(trade, amount, before))
    }
}
