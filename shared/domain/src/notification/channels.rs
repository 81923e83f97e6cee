//! The notification channels that a deployer has enabled, and the recipients' addresses in them.

use super::Channel;
use crate::contact::{Contact, country, mobile};

/// The enabled channels (template parameters).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// Whether customers with a LINE user id also get LINE messages.
    pub line: bool,
    /// Whether customers also get text messages (SMS), and the country code of numbers without one.
    pub sms: Option<String>,
    /// The countries (ISO 3166-1 alpha-2) to whose numbers text messages are sent: each message costs money, abroad a
    /// multiple.
    pub sms_countries: Vec<String>,
    /// Whether admins are notified in Slack instead of by e-mail.
    pub slack: bool,
    /// The admins' e-mail address.
    pub admin_email: Option<String>,
}

impl Channels {
    /// The channels that reach a customer with this contact data.
    pub fn of_customer(&self, contact: &Contact) -> Vec<Channel> {
        let all = [Channel::Email, Channel::Line, Channel::Sms];
        all.into_iter().filter(|channel| self.address_of(contact, *channel).is_some()).collect()
    }

    /// The channel that reaches the admins: Slack, or else e-mail.
    pub fn of_admins(&self) -> Option<Channel> {
        if self.slack { Some(Channel::Slack) } else { self.admin_email.as_ref().map(|_| Channel::Email) }
    }

    /// The customer's address in a channel; `None` when the channel is not enabled or the contact has no address in it.
    pub fn address_of(&self, contact: &Contact, channel: Channel) -> Option<String> {
        match channel {
            Channel::Email => Some(contact.email.clone()),
            Channel::Line => contact.line_user_id.clone().filter(|_| self.line),
            Channel::Sms => {
                let number = e164(&contact.phone, self.sms.as_ref()?).and_then(|number| mobile(&number))?;
                let country = country(&number)?;
                self.sms_countries.contains(&country).then_some(number)
            }
            Channel::Slack => None,
        }
    }
}

/// A stored phone number in E.164. Orders of release 0.1 have it as the customer wrote it: `0912345678` is
/// `+886912345678` in Taiwan. `None` for one with an extension.
fn e164(phone: &str, country_code: &str) -> Option<String> {
    if phone.contains('#') {
        return None;
    }
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let number = match phone.strip_prefix('+') {
        Some(_) => digits,
        None => format!("{country_code}{}", digits.strip_prefix('0')?),
    };
    (8..=15).contains(&number.len()).then(|| format!("+{number}"))
}

/// A masked address for admins: enough to recognise it, too little to use it.
pub fn masked(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Email => match address.split_once('@') {
            Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
            None => "***".to_owned(),
        },
        Channel::Sms | Channel::Line | Channel::Slack => {
            let last: Vec<char> = address.chars().rev().take(3).collect();
            format!("***{}", last.into_iter().rev().collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::RawContact;

    #[test]
    fn customers_are_notified_on_the_enabled_channels_of_their_contact() {
        let contact = |phone: &str, line: Option<&str>| {
            let raw =
                RawContact { name: "Ada", phone, email: "a@b.co", shipping_address: "1 Main St", line_user_id: line };
            Contact::parse(raw).unwrap()
        };
        let shop = |line, sms: Option<&str>| Channels {
            line,
            sms: sms.map(str::to_owned),
            sms_countries: vec!["TW".to_owned()],
            slack: false,
            admin_email: None,
        };
        let line_id = format!("U{}", "0".repeat(32));
        let both = contact("0912-345-678", Some(&line_id));
        assert_eq!(shop(false, None).of_customer(&both), [Channel::Email]);
        assert_eq!(shop(true, Some("886")).of_customer(&both), [Channel::Email, Channel::Line, Channel::Sms]);
        assert_eq!(shop(true, Some("886")).of_customer(&contact("02-2345-6789", None)), [Channel::Email]);
        assert_eq!(shop(false, Some("886")).address_of(&both, Channel::Sms).as_deref(), Some("+886912345678"));
        let stored = |phone: &str| Contact { phone: phone.to_owned(), ..both.clone() };
        for (phone, reached) in [
            ("0912-345-678", Some("+886912345678")),
            ("+8860912345678", Some("+886912345678")),
            ("02-2345-6789", None),
            ("0912-345-678#12", None),
            ("0000000000", None),
            ("+819012345678", None),
            ("+447400123456", None),
        ] {
            let address = shop(false, Some("886")).address_of(&stored(phone), Channel::Sms);
            assert_eq!(address.as_deref(), reached, "{phone} as release 0.1 stored it");
        }
        assert_eq!(e164("+81312345678", "886").as_deref(), Some("+81312345678"));
        assert_eq!(e164("123456", "886"), None, "no trunk prefix: not a number that can be made international");
    }

    #[test]
    fn admins_are_notified_in_slack_or_by_email() {
        let shop = |slack, email: Option<&str>| Channels {
            line: false,
            sms: None,
            sms_countries: Vec::new(),
            slack,
            admin_email: email.map(str::to_owned),
        };
        assert_eq!(shop(true, Some("a@b.co")).of_admins(), Some(Channel::Slack));
        assert_eq!(shop(false, Some("a@b.co")).of_admins(), Some(Channel::Email));
        assert_eq!(shop(false, None).of_admins(), None);
    }

    #[test]
    fn a_masked_address_cannot_be_used() {
        assert_eq!(masked(Channel::Email, "ada@example.com"), "a***@example.com");
        assert_eq!(masked(Channel::Sms, "+886912345678"), "***678");
        assert_eq!(masked(Channel::Line, &format!("U{}", "a".repeat(32))), "***aaa");
    }
}
