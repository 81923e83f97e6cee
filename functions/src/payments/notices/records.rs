//! What is kept of a notice, and what an admin is told of it.

use crate::App;
use domain::Moment;
use domain::payment::{CheckoutAttempt, Payment, PaymentMethod, Taken, Task, TaskKind};
use providers::payment::{Notice, Trade, Verdict};
use sha2::{Digest, Sha256};
use store::payments::ProviderEvent;

/// The trade that brought the money.
pub(in crate::payments) fn taken(notice: &Notice) -> Taken {
    Taken {
        trade_no: notice.trade_no.clone(),
        provider_no: notice.provider_no.clone(),
        authorization: notice.authorization.clone(),
        way: notice.way.clone(),
    }
}

/// What was said, to be kept.
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
        // How a success is worded may differ from one telling to the next.
        code: if notice.verdict == Verdict::Paid { String::new() } else { notice.code.clone() },
        raw: notice.raw.clone(),
        at_ms: app.now().as_millisecond(),
    }
}

/// What an admin is told of a notice.
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

/// The same, about this payment.
pub(in crate::payments) fn about(task: Task, payment: &Payment) -> Task {
    Task { payment_id: Some(payment.id), order_id: Some(payment.order), ..task }
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
        order_id: Some(payment.order),
        trade_no: attempt.trade_no.clone(),
        provider_no: attempt.provider_no.clone(),
        amount_cents: Some(payment.amount),
        why: why.to_owned(),
        at_ms: app.now().as_millisecond(),
    }
}

/// What tells one message from another, however often and in whichever words it comes again. A message that names no trade is
/// told by all that it says.
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

/// An attempt, as its provider is asked about it.
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
