//! The stored parts of a notice, and the payment task for admins.

use crate::App;
use domain::Moment;
use domain::payment::{CheckoutAttempt, Payment, PaymentMethod, Taken, Task, TaskKind};
use providers::payment::{Notice, Trade, Verdict};
use sha2::{Digest, Sha256};
use store::payments::ProviderEvent;

/// The trade whose money was captured.
pub(in crate::payments) fn taken(notice: &Notice) -> Taken {
    Taken {
        trade_no: notice.trade_no.clone(),
        provider_no: notice.provider_no.clone(),
        authorization: notice.authorization.clone(),
        way: notice.way.clone(),
    }
}

/// The provider's data, for storage.
pub(in crate::payments) fn event(app: &App, notice: &Notice) -> ProviderEvent {
    let (action, result) = match notice.verdict {
        Verdict::Paid => ("CAPTURE", "OK"),
        Verdict::Declined | Verdict::Ended => ("AUTHORIZE", "NG"),
        Verdict::NumberTaken | Verdict::Approved => ("AUTHORIZE", "OK"),
        Verdict::Waiting | Verdict::Unseen | Verdict::Pending => ("AUTHORIZE", "WAITING"),
    };
    ProviderEvent {
        trade_no: notice.trade_no.clone(),
        action: action.to_owned(),
        result: result.to_owned(),
        // The text of a success may differ between repetitions.
        code: if notice.verdict == Verdict::Paid { String::new() } else { notice.code.clone() },
        raw: notice.raw.clone(),
        at_ms: app.now().as_millisecond(),
    }
}

/// The payment task of a notice.
pub(in crate::payments) fn task(app: &App, kind: TaskKind, method: PaymentMethod, notice: &Notice, why: &str) -> Task {
    Task {
        kind,
        method,
        payment_id: None,
        order_id: None,
        trade_no: notice.trade_no.clone(),
        provider_no: notice.provider_no.clone(),
        amount_cents: notice.amount,
        why: why.to_owned(),
        at_ms: app.now().as_millisecond(),
    }
}

/// The task with this payment and its order.
pub(in crate::payments) fn about(task: Task, payment: &Payment) -> Task {
    Task { payment_id: Some(payment.id), order_id: payment.order, ..task }
}

/// A task about one trade of a payment.
pub(in crate::payments) fn task_of_attempt(
    app: &App,
    kind: TaskKind,
    payment: &Payment,
    attempt: &CheckoutAttempt,
    why: &str,
) -> Task {
    Task {
        kind,
        method: payment.method,
        payment_id: Some(payment.id),
        order_id: payment.order,
        trade_no: attempt.trade_no.clone(),
        provider_no: attempt.provider_no.clone(),
        amount_cents: Some(payment.amount),
        why: why.to_owned(),
        at_ms: app.now().as_millisecond(),
    }
}

/// The identity of a message, for any number of repetitions with any text. A message without a trade is identified by its
/// whole content.
pub(in crate::payments) fn message_id(notice: &Notice) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| hash.update(format!("{}:{text}", text.len()));
    add(&notice.merchant);
    add(&notice.trade_no);
    add(notice.provider_no.as_deref().unwrap_or_default());
    add(&notice.code);
    add(&notice.amount.map_or(String::new(), |amount| amount.get().to_string()));
    if notice.trade_no.is_empty() {
        notice.raw.iter().for_each(|(name, value)| add(&format!("{name}={value}")));
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A trade for a lookup at its provider.
pub(in crate::payments) fn trade(payment: &Payment, attempt: &CheckoutAttempt, now: Moment) -> Trade {
    Trade {
        trade_no: attempt.trade_no.clone(),
        provider_no: attempt.provider_no.clone(),
        authorization: None,
        way: None,
        amount: payment.amount,
        currency: payment.currency,
        now,
    }
}
