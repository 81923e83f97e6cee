//! The meaning of ECPay's codes.

use super::super::{ProviderError, Verdict};
use domain::Moment;

/// The money was captured; an action was executed.
const DONE: &str = "1";
/// A payment number for a bank transfer was issued.
const ATM_NUMBER: &str = "2";
/// A payment number or a bar code for a convenience store was issued.
const COUNTER_NUMBER: &str = "10100073";
/// The result is not known yet: the merchant must not ship.
const RESULT_PENDING: &str = "10300066";
/// The shop's signature is wrong.
const WRONG_MAC: &str = "10200073";
/// ECPay does not know the trade.
const NOT_FOUND: &str = "10200047";
/// The trade was opened and not completed.
const NOT_ESTABLISHED: &str = "10200095";
/// The trade is unpaid.
const UNPAID: &str = "0";
/// Permanent refusals of an action: an invalid trade number, and a payment method that does not support the action.
const FOR_GOOD: [&str; 2] = ["10200052", "10300023"];

/// The meaning of a callback's code for its trade. A failure only ends one try on ECPay's page.
pub(super) fn called_back(code: &str) -> Verdict {
    match code {
        DONE => Verdict::Paid,
        ATM_NUMBER | COUNTER_NUMBER => Verdict::NumberTaken,
        RESULT_PENDING => Verdict::Pending,
        _ => Verdict::Declined,
    }
}

/// The meaning of the trade status in a response to a query.
pub(super) fn looked_up(code: &str) -> Result<Verdict, ProviderError> {
    Ok(match code {
        DONE => Verdict::Paid,
        UNPAID | NOT_ESTABLISHED | ATM_NUMBER | COUNTER_NUMBER => Verdict::Waiting,
        NOT_FOUND => Verdict::Unseen,
        RESULT_PENDING => Verdict::Pending,
        WRONG_MAC => return Err(ProviderError::Signature),
        _ => Verdict::Declined,
    })
}

/// The meaning of the code in a response to an action. ECPay's list of codes is open, so an unknown code counts as
/// temporary: for example, a card may not be captured yet, or the merchant's balance may be too low.
pub(super) fn acted(code: &str) -> Result<(), ProviderError> {
    match code {
        DONE => Ok(()),
        WRONG_MAC => Err(ProviderError::Signature),
        code if FOR_GOOD.contains(&code) => Err(ProviderError::Refused(code.to_owned())),
        code => Err(ProviderError::NotYet(code.to_owned())),
    }
}

/// The expiry of an issued payment number: `yyyy/MM/dd`, which means the end of that day, or `yyyy/MM/dd HH:mm:ss`, both in
/// Taipei.
pub(super) fn number_ends(text: &str) -> Option<Moment> {
    let whole = if text.len() == "yyyy/MM/dd".len() { format!("{text} 23:59:59") } else { text.to_owned() };
    let end = jiff::civil::DateTime::strptime("%Y/%m/%d %H:%M:%S", whole).ok()?;
    end.to_zoned(jiff::tz::offset(8).to_time_zone()).ok().map(|end| end.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_is_not_known_yet_is_no_decline() {
        assert_eq!((called_back("10300066"), looked_up("10300066")), (Verdict::Pending, Ok(Verdict::Pending)));
        assert_eq!((called_back("10200058"), looked_up("10200058")), (Verdict::Declined, Ok(Verdict::Declined)));
    }

    #[test]
    fn only_what_stays_as_it_is_is_refused_for_good() {
        assert_eq!(acted("1"), Ok(()));
        assert_eq!(acted("10200052"), Err(ProviderError::Refused("10200052".to_owned())));
        assert_eq!(acted("10200098"), Err(ProviderError::NotYet("10200098".to_owned())));
        assert_eq!(
            (acted("10200073"), looked_up("10200073")),
            (Err(ProviderError::Signature), Err(ProviderError::Signature))
        );
    }

    #[test]
    fn a_number_ends_in_taipei() {
        let ends = |text| number_ends(text).map(|end| end.to_string());
        assert_eq!(ends("2026/12/01").as_deref(), Some("2026-12-01T15:59:59Z"));
        assert_eq!(ends("2026/11/30 22:15:20").as_deref(), Some("2026-11-30T14:15:20Z"));
        for bad in ["", "soon", "2026/13/01", "2026-12-01"] {
            assert_eq!(ends(bad), None, "{bad}");
        }
    }
}
