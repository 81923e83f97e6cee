//! The meaning of LINE Pay's codes (developers-pay.line.me, return codes of API v3).

use super::super::{ProviderError, Verdict};

/// Success.
const DONE: &str = "0000";

/// Errors that are independent of the payment and of the call.
pub(super) fn answered(code: &str) -> Result<(), ProviderError> {
    match code {
        // Merchant, keys, environment, signature.
        "1104" | "1105" | "1106" => Err(ProviderError::Signature),
        // In progress, requested twice concurrently, or a temporary fault: of LINE (1199, 19xx, 9000) or of a card's bank
        // (1280).
        "1145" | "1198" | "1199" | "1280" => Err(ProviderError::Unknown(code.to_owned())),
        code if code.len() == 4 && (code.starts_with("19") || code.starts_with('9')) => {
            Err(ProviderError::Unknown(code.to_owned()))
        }
        _ => Ok(()),
    }
}

/// The meaning of a check of a payment request.
pub(super) fn checked(code: &str) -> Result<Verdict, ProviderError> {
    Ok(match code {
        "0000" => Verdict::Waiting,
        "0110" => Verdict::Approved,
        "0123" => Verdict::Paid,
        // Canceled, expired, failed, or unknown: LINE captures only on the shop's request, which is no longer possible.
        "0121" | "0122" | "1150" | "1159" | "1179" | "1180" => Verdict::Ended,
        _ => return Err(ProviderError::Unknown(code.to_owned())),
    })
}

/// The meaning of the response to a confirmation. [`Verdict::Paid`] also if it was confirmed before.
pub(super) fn confirmed(code: &str) -> Result<Verdict, ProviderError> {
    Ok(match code {
        DONE | "1152" | "1172" => Verdict::Paid,
        // The customer has not approved yet.
        "1169" => Verdict::Waiting,
        // The customer's account, balance or card.
        "1101" | "1102" | "1110" | "1141" | "1142" | "1154" | "1170" => Verdict::Declined,
        code if ("1281".."1300").contains(&code) => Verdict::Declined,
        "1150" | "1159" | "1179" | "1180" => Verdict::Ended,
        // Amount, currency, parameters: an error of the shop.
        "1124" | "1153" | "1178" | "1183" | "1184" | "2101" | "2102" | "2103" => {
            return Err(ProviderError::Refused(code.to_owned()));
        }
        // In any other case a check returns the payment's state.
        _ => return Err(ProviderError::Unknown(code.to_owned())),
    })
}

/// The meaning of the response to a refund.
pub(super) fn refunded(code: &str) -> Result<(), ProviderError> {
    match code {
        DONE => Ok(()),
        // Fully refunded before: the record shows whether by this refund.
        "1165" => Err(ProviderError::Unknown(code.to_owned())),
        // Unknown payment, not refundable, too late, more than is left, or an error of the shop.
        "1124" | "1150" | "1153" | "1155" | "1159" | "1163" | "1164" | "1178" | "1179" | "1180" | "2101" | "2102" => {
            Err(ProviderError::Refused(code.to_owned()))
        }
        _ => Err(ProviderError::NotYet(code.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_faults_are_no_answer() {
        for code in ["1145", "1198", "1199", "1280", "1900", "1901", "1902", "1999", "9000"] {
            assert_eq!(answered(code), Err(ProviderError::Unknown(code.to_owned())));
        }
        for code in ["1104", "1105", "1106"] {
            assert_eq!(answered(code), Err(ProviderError::Signature));
        }
        assert_eq!(answered("1142"), Ok(()));
    }

    #[test]
    fn only_what_is_the_customers_is_a_decline() {
        for code in ["1141", "1142", "1281", "1298"] {
            assert_eq!(confirmed(code), Ok(Verdict::Declined), "{code}");
        }
        assert_eq!(confirmed("2101"), Err(ProviderError::Refused("2101".to_owned())));
        for code in ["", "1300", "7777"] {
            assert_eq!(confirmed(code), Err(ProviderError::Unknown(code.to_owned())));
        }
    }
}
