//! The meaning of NewebPay's codes (manual NDNF 1.2, list of errors).

use super::super::{Pause, ProviderError, Verdict, plain};
use domain::Moment;

/// Success.
const SUCCESS: &str = "SUCCESS";
/// NewebPay does not know the order.
pub(super) const NOT_FOUND: &str = "TRA10021";
/// The maximum length of a stored code.
const CODE_CHARS_MAX: usize = 40;

/// The meaning of a code, independent of the call.
enum Meaning {
    Success,
    /// A card's authorization is canceled in the nightly batch.
    Queued,
    NotFound,
    /// A function is locked for this number of minutes.
    Locked(i64),
    /// One of the keys is no longer valid.
    WrongKeys,
    /// NewebPay could not reach a third party, or does not know the result.
    CannotTell,
    /// It may have been executed already.
    PerhapsDone,
    /// Permanent.
    ForGood,
    /// Any other code: it was not executed, and may succeed later.
    NotDone,
}

fn meaning(code: &str) -> Meaning {
    match code {
        SUCCESS => Meaning::Success,
        "TRA20001" => Meaning::Queued,
        NOT_FOUND | "TRA20002" => Meaning::NotFound,
        // Too many queries about unknown orders; too many failures.
        "TRA10071" | "TRA11002" => Meaning::Locked(4 * 60),
        // Too many refunds within an hour.
        "TRA10702" => Meaning::Locked(60),
        // Too many requests from one address.
        "MPG03003" => Meaning::Locked(30),
        "TRA10008" | "TRA10054" | "MPG02001" | "4103" | "4104" => Meaning::WrongKeys,
        "" | "NOR1001" | "TRA10015" | "MPG02006" | "9000" => Meaning::CannotTell,
        // Closed, being refunded, or refunded before: the next attempt looks it up.
        "TRA10035" | "TRA10045" | "TRA10049" | "TRA20027" | "1109" => Meaning::PerhapsDone,
        // More than is left, too late, or a part of a payment that can only be refunded in full.
        "TRA10028" | "TRA10029" | "TRA10031" | "TRA10036" | "TRA10039" | "TRA10050" | "TRA10058" | "TRA10077"
        | "TRA10675" | "TRA10678" => Meaning::ForGood,
        _ => Meaning::NotDone,
    }
}

fn kept(code: &str) -> String {
    plain(code, CODE_CHARS_MAX)
}

/// The state of a trade by the status of a notice. An issued number has no time of payment.
pub(super) fn notified(status: &str, has_pay_time: bool) -> Verdict {
    match meaning(status) {
        Meaning::Success if has_pay_time => Verdict::Paid,
        Meaning::Success => Verdict::NumberTaken,
        Meaning::CannotTell | Meaning::Queued => Verdict::Pending,
        _ => Verdict::Declined,
    }
}

/// Whether the queried order is known to NewebPay.
pub(super) fn queried(status: &str) -> Result<bool, ProviderError> {
    match meaning(status) {
        Meaning::Success => Ok(true),
        Meaning::NotFound => Ok(false),
        Meaning::Locked(minutes) => Err(Pause::minutes(status, minutes)),
        Meaning::WrongKeys => Err(ProviderError::Signature),
        _ => Err(ProviderError::Unknown(kept(status))),
    }
}

/// The state of a trade by `TradeStatus`. 6 is captured and refunded; 9 waits for the bank. A failed or abandoned attempt
/// does not end the trade.
pub(super) fn trade_status(code: &str) -> Verdict {
    match code {
        "1" | "6" => Verdict::Paid,
        "2" | "3" => Verdict::Declined,
        "9" => Verdict::Pending,
        _ => Verdict::Waiting,
    }
}

/// The meaning of the status in the response to a refund.
pub(super) fn refunded(status: &str) -> Result<(), ProviderError> {
    match meaning(status) {
        Meaning::Success | Meaning::Queued => Ok(()),
        Meaning::Locked(minutes) => Err(Pause::minutes(status, minutes)),
        Meaning::WrongKeys => Err(ProviderError::Signature),
        Meaning::CannotTell | Meaning::PerhapsDone => Err(ProviderError::Unknown(kept(status))),
        Meaning::ForGood => Err(ProviderError::Refused(kept(status))),
        Meaning::NotFound | Meaning::NotDone => Err(ProviderError::NotYet(kept(status))),
    }
}

/// The expiry of an issued number: `yyyy-MM-dd` and, for a convenience store, `HH:mm:ss`, in Taipei.
pub(super) fn number_ends(date: &str, time: &str) -> Option<Moment> {
    let time = if time.is_empty() { "23:59:59" } else { time };
    let end = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", format!("{date} {time}")).ok()?;
    end.to_zoned(jiff::tz::offset(8).to_time_zone()).ok().map(|end| end.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_is_no_decline() {
        for code in ["NOR1001", "TRA10015", "9000", ""] {
            assert_eq!(notified(code, false), Verdict::Pending, "{code}");
            assert!(matches!(refunded(code), Err(ProviderError::Unknown(_))), "{code}");
        }
        assert_eq!(notified("MPG03009", true), Verdict::Declined);
        assert_eq!((notified("SUCCESS", true), notified("SUCCESS", false)), (Verdict::Paid, Verdict::NumberTaken));
    }

    #[test]
    fn a_refund_is_left_to_people_only_when_it_is_refused_for_good() {
        assert_eq!((refunded("SUCCESS"), refunded("TRA20001")), (Ok(()), Ok(())));
        assert_eq!(refunded("TRA10054"), Err(ProviderError::Signature));
        assert_eq!(refunded("TRA20028"), Err(ProviderError::NotYet("TRA20028".to_owned())), "the balance fills again");
        assert_eq!(refunded("TRA10036"), Err(ProviderError::Refused("TRA10036".to_owned())));
        assert_eq!(refunded("TRA20027"), Err(ProviderError::Unknown("TRA20027".to_owned())), "it is looked up");
    }

    #[test]
    fn a_number_ends_in_taipei() {
        let ends = |date, time| number_ends(date, time).map(|end| end.to_string());
        assert_eq!(ends("2026-12-01", "").as_deref(), Some("2026-12-01T15:59:59Z"));
        assert_eq!(ends("2026-12-01", "22:15:20").as_deref(), Some("2026-12-01T14:15:20Z"));
        assert_eq!((ends("", ""), ends("soon", "x")), (None, None));
    }
}
