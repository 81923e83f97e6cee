//! Telling people: who is told what by which channel, and how often a channel is tried.
//!
//! A job is one message to one recipient by one channel, about one event. It is tried once when it is asked for and again
//! with growing pauses, and it is never tried by two at once: a try begins by claiming the job. Where a try's end is not
//! known (no answer came, or whoever tried is gone), a channel that knows the job's key is tried on, since it sends once for
//! a key; any other gets one more try at the most, so that a message can come twice and never a third time.

use crate::Moment;
use crate::contact::Contact;
use crate::id::{BatchId, CustomerId, EventId, OrderId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Tries of one job, the first included.
pub const TRIES_MAX: u32 = 6;
/// The pauses between them, in minutes: five and a half hours in all.
const PAUSES_MINUTES: [i64; 5] = [1, 5, 15, 60, 240];
/// The longest pause that a channel may ask for.
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(6);
/// For how long a try claims its job: longer than whoever tries can live.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// How long a job waits for the first try that was asked for, before it is tried without being asked.
const FIRST_TRY_WITHIN: SignedDuration = SignedDuration::from_mins(5);
/// How often a channel without keys is tried on after a try whose end is not known.
const UNKNOWN_RETRIES_MAX: u32 = 1;
/// For how long a channel knows a key: LINE's 24 hours, less one for clocks and claims.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(23);
/// How long before the end of its payment window an order's customer is reminded.
const REMINDER_BEFORE: SignedDuration = SignedDuration::from_hours(24);

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The contract's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the contract's word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    )*};
}

words! {
    /// A way to reach somebody.
    Channel {
        /// E-mail.
        Email = "EMAIL",
        /// A text message to a phone.
        Sms = "SMS",
        /// A push by LINE.
        Line = "LINE",
        /// The admins' channel in Slack.
        Slack = "SLACK",
    }

    /// What a message says.
    TemplateKey {
        /// To the admins: a batch waits to be confirmed.
        ThresholdReached = "threshold_reached",
        /// The batch is confirmed: please pay.
        PaymentRequested = "payment_requested",
        /// A day is left to pay.
        PaymentReminder = "payment_reminder",
        /// It was not paid in time.
        OrderExpired = "order_expired",
        /// It was canceled, by its customer or an admin.
        OrderCanceled = "order_canceled",
        /// It was canceled: too few wanted the product.
        OfferMissed = "offer_missed",
        /// It cannot be served.
        OrderFailed = "order_failed",
        /// It is on its way, or waits to be picked up.
        OrderShipped = "order_shipped",
    }

    /// Where a job is in its life.
    NotificationStatus {
        /// To be sent, for the first time or again.
        Requested = "REQUESTED",
        /// The channel took it.
        Sent = "SENT",
        /// The channel will not take it; nobody tries again.
        Failed = "FAILED",
    }
}

impl Channel {
    /// Whether the channel sends once for a key, however often it is handed a message.
    const fn knows_keys(self) -> bool {
        matches!(self, Self::Line)
    }
}

/// Who is told. By reference: an address is looked up when it is needed, and kept nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Whoever placed this order, under the contact of the order.
    Customer {
        /// Whose order.
        customer: CustomerId,
        /// Which.
        order: OrderId,
    },
    /// The shop's admins.
    Admins,
}

impl Recipient {
    /// The order that it is about.
    pub const fn order(&self) -> Option<OrderId> {
        match self {
            Self::Customer { order, .. } => Some(*order),
            Self::Admins => None,
        }
    }
}

/// Names under which a job's hash and its key are made (RFC 9562, version 5).
const NAMES: Uuid = Uuid::from_u128(0x6f1d_2b0c_8f0e_5b6a_9a51_4c2d_7e83_a9f4);

/// A job's name: `<event>.<channel>.<16 hex digits>`. The digits stand for the recipient and the message, made from
/// references alone: from an address they could be turned back into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    event: EventId,
    channel: Channel,
    hash: u64,
}

impl JobId {
    /// The one job of this event, channel, recipient and message.
    pub fn new(event: EventId, channel: Channel, recipient: &Recipient, template: TemplateKey) -> Self {
        let name = match recipient {
            Recipient::Customer { customer, order } => format!("{customer}#{order}#{}", template.as_str()),
            Recipient::Admins => format!("admins#{}", template.as_str()),
        };
        let (_, hash) = Uuid::new_v5(&NAMES, name.as_bytes()).as_u64_pair();
        Self { event, channel, hash }
    }

    /// Reads the form that is given out; anything else names nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let event = EventId::parse(parts.next()?)?;
        let channel = Channel::parse(parts.next()?)?;
        let hash = u64::from_str_radix(parts.next()?, 16).ok()?;
        let id = Self { event, channel, hash };
        (parts.next().is_none() && id.to_string() == text).then_some(id)
    }

    /// The event that it tells about.
    pub const fn event(self) -> EventId {
        self.event
    }

    /// By which channel.
    pub const fn channel(self) -> Channel {
        self.channel
    }

    /// The last part of its name.
    pub fn hash(self) -> String {
        format!("{:016x}", self.hash)
    }

    /// What the channel knows the message by: the same on every try.
    pub fn key(self) -> Uuid {
        Uuid::new_v5(&NAMES, self.to_string().as_bytes())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{:016x}", self.event, self.channel.as_str(), self.hash)
    }
}

/// What a message to the admins is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// The batch.
    pub batch_id: BatchId,
    /// What is reserved.
    pub reserved_qty: i64,
    /// What was needed.
    pub threshold_qty: u32,
}

/// One message to one recipient by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// Who is told.
    pub recipient: Recipient,
    /// What.
    pub template: TemplateKey,
    /// What a message to the admins is about.
    pub threshold: Option<Threshold>,
    /// What it goes back to: the same for everything that follows from one request.
    pub correlation_id: String,
    /// Where it is in its life.
    pub status: NotificationStatus,
    /// How often it changed; each change is conditional on the version it was decided on.
    pub version: u64,
    /// Tries that were begun.
    pub tries: u32,
    /// Tries whose end is not known.
    pub unknown: u32,
    /// When the first try began: from then on the channel knows the key.
    pub first_tried_at: Option<Moment>,
    /// Until when the try that is going on claims it.
    pub claimed_until: Option<Moment>,
    /// When it is to be looked at again; nothing once it is at its end.
    pub due_at: Option<Moment>,
    /// Whether it was asked for on the bus. A reminder is asked for when its time has come.
    pub is_requested: bool,
    /// How the last try ended, in one word; never in the channel's own words, which could repeat an address.
    pub why: Option<String>,
    /// When the channel took it.
    pub sent_at: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// What became of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took it.
    Sent,
    /// Nothing was sent; another try may succeed.
    Retry {
        /// Not before this, if the channel said so.
        after: Option<SignedDuration>,
        /// In one word.
        why: String,
    },
    /// Nothing was sent, and nothing will be.
    Permanent {
        /// In one word.
        why: String,
    },
    /// Perhaps it was sent.
    Unknown {
        /// In one word.
        why: String,
    },
}

impl Outcome {
    /// Another try may succeed.
    pub fn retry(why: impl Into<String>) -> Self {
        Self::Retry { after: None, why: why.into() }
    }

    /// No try will succeed.
    pub fn permanent(why: impl Into<String>) -> Self {
        Self::Permanent { why: why.into() }
    }
}

/// Who begins a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The event that asks for the message: only for the first try, however often it is delivered.
    Request,
    /// The sweep: whatever is due.
    Sweep,
}

/// What to do with a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Nothing now: it is at its end, it is not due, or somebody is at it.
    Leave,
    /// Try it; it is claimed.
    Try(Job),
    /// Give it up: trying again could send it a third time, or the last try is spent.
    GiveUp(Job),
}

impl Job {
    /// A message that is sent at once.
    pub fn new(event: EventId, channel: Channel, recipient: Recipient, template: TemplateKey, now: Moment) -> Self {
        Self {
            id: JobId::new(event, channel, &recipient, template),
            recipient,
            template,
            threshold: None,
            correlation_id: String::new(),
            status: NotificationStatus::Requested,
            version: 1,
            tries: 0,
            unknown: 0,
            first_tried_at: None,
            claimed_until: None,
            due_at: Some(later(now, FIRST_TRY_WITHIN)),
            is_requested: true,
            why: None,
            sent_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// A reminder of an order that can be paid until `pay_before`. `None` where a reminder would come no later than what it
    /// reminds of.
    pub fn reminder(
        event: EventId,
        channel: Channel,
        recipient: Recipient,
        pay_before: Moment,
        now: Moment,
    ) -> Option<Self> {
        let due = pay_before.checked_sub(REMINDER_BEFORE).ok().filter(|due| *due > now)?;
        let job = Self::new(event, channel, recipient, TemplateKey::PaymentReminder, now);
        Some(Self { due_at: Some(due), is_requested: false, ..job })
    }

    /// How often it was tried again.
    pub const fn retry_count(&self) -> u32 {
        self.tries.saturating_sub(1)
    }

    /// The job, asked for on the bus because its time has come.
    #[must_use]
    pub fn request(self, now: Moment) -> Self {
        Self { is_requested: true, due_at: Some(later(now, FIRST_TRY_WITHIN)), ..self.changed(now) }
    }

    /// Whether and how a try begins at `now`.
    pub fn begin(self, asker: Asker, now: Moment) -> Begin {
        let is_claimed = self.claimed_until.is_some_and(|until| until > now);
        let is_due = self.due_at.is_some_and(|due| due <= now);
        let may = match asker {
            Asker::Request => self.tries == 0,
            Asker::Sweep => is_due,
        };
        if self.status != NotificationStatus::Requested || is_claimed || !may {
            return Begin::Leave;
        }
        // Whoever claimed it is gone, and with them what they knew.
        let job = if self.claimed_until.is_some() { Self { unknown: self.unknown + 1, ..self } } else { self };
        if job.tries >= TRIES_MAX || !job.may_follow_unknown(now) {
            return Begin::GiveUp(job.fail("interrupted", now));
        }
        let until = later(now, CLAIM);
        Begin::Try(Self {
            tries: job.tries + 1,
            first_tried_at: job.first_tried_at.or(Some(now)),
            claimed_until: Some(until),
            due_at: Some(until),
            ..job.changed(now)
        })
    }

    /// The job after its try.
    #[must_use]
    pub fn end(self, outcome: Outcome, now: Moment) -> Self {
        match outcome {
            Outcome::Sent => Self {
                status: NotificationStatus::Sent,
                sent_at: Some(now),
                claimed_until: None,
                due_at: None,
                why: None,
                ..self.changed(now)
            },
            Outcome::Permanent { why } => self.fail(&why, now),
            Outcome::Retry { after, why } => self.pause(after, &why, now),
            Outcome::Unknown { why } => {
                let job = Self { unknown: self.unknown + 1, ..self };
                if job.may_follow_unknown(now) { job.pause(None, &why, now) } else { job.fail(&why, now) }
            }
        }
    }

    /// Whether another try can do no harm beyond what is allowed.
    fn may_follow_unknown(&self, now: Moment) -> bool {
        let knows = self.first_tried_at.is_none_or(|first| now.duration_since(first) < KEY_LIFE);
        (self.id.channel().knows_keys() && knows) || self.unknown <= UNKNOWN_RETRIES_MAX
    }

    fn pause(self, after: Option<SignedDuration>, why: &str, now: Moment) -> Self {
        let done = usize::try_from(self.tries.saturating_sub(1)).unwrap_or(usize::MAX);
        match PAUSES_MINUTES.get(done) {
            Some(minutes) if self.tries < TRIES_MAX => {
                let own = SignedDuration::from_mins(*minutes);
                let pause = after.map_or(own, |asked| asked.clamp(own, PAUSE_MAX));
                let due_at = Some(later(now, pause));
                Self { claimed_until: None, due_at, why: Some(why.to_owned()), ..self.changed(now) }
            }
            _ => self.fail(why, now),
        }
    }

    fn fail(self, why: &str, now: Moment) -> Self {
        Self {
            status: NotificationStatus::Failed,
            claimed_until: None,
            due_at: None,
            why: Some(why.to_owned()),
            ..self.changed(now)
        }
    }

    fn changed(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}

fn later(now: Moment, by: SignedDuration) -> Moment {
    now.checked_add(by).unwrap_or(Moment::MAX)
}

/// Which channels the shop has: what a deployer sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// Whether customers who gave a LINE user id are told by LINE too.
    pub line: bool,
    /// Whether customers are told by text message too, and the country code of numbers without one.
    pub sms: Option<String>,
    /// Whether admins are told in Slack instead of by e-mail.
    pub slack: bool,
    /// Where admins get e-mail, if anywhere.
    pub admin_email: Option<String>,
}

impl Channels {
    /// The channels by which a customer with this contact is told.
    pub fn of_customer(&self, contact: &Contact) -> Vec<Channel> {
        let all = [Channel::Email, Channel::Line, Channel::Sms];
        all.into_iter().filter(|channel| self.address_of(contact, *channel).is_some()).collect()
    }

    /// The channels by which the admins are told: Slack, or else e-mail.
    pub fn of_admins(&self) -> Option<Channel> {
        if self.slack { Some(Channel::Slack) } else { self.admin_email.as_ref().map(|_| Channel::Email) }
    }

    /// A customer's address in a channel, if the shop has the channel and the contact an address in it.
    pub fn address_of(&self, contact: &Contact, channel: Channel) -> Option<String> {
        match channel {
            Channel::Email => Some(contact.email.clone()),
            Channel::Line => contact.line_user_id.clone().filter(|_| self.line),
            Channel::Sms => e164(&contact.phone, self.sms.as_ref()?),
            Channel::Slack => None,
        }
    }
}

/// A phone number in E.164 (`0912345678` is `+886912345678` in Taiwan). `None` for one with an extension, or that no text
/// message reaches.
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

/// An address as an admin may see it: enough to recognise, too little to use.
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

    fn now() -> Moment {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn event() -> EventId {
        EventId::parse("01a1f71e-4c88-7a10-8b20-000000000651").unwrap()
    }

    fn customer() -> Recipient {
        let order = OrderId::parse("01a1f71d-60db-7a10-8b20-30a5c7e91f42").unwrap();
        Recipient::Customer { customer: CustomerId::parse("ann").unwrap(), order }
    }

    fn job(channel: Channel) -> Job {
        Job::new(event(), channel, customer(), TemplateKey::OrderShipped, now())
    }

    fn tried(job: Job, asker: Asker, at: Moment) -> Job {
        match job.begin(asker, at) {
            Begin::Try(job) => job,
            other => panic!("{other:?}"),
        }
    }

    fn unknown() -> Outcome {
        Outcome::Unknown { why: "timeout".to_owned() }
    }

    #[test]
    fn a_job_is_named_after_event_channel_recipient_and_message() {
        let id = job(Channel::Email).id;
        assert_eq!(JobId::parse(&id.to_string()), Some(id));
        assert_eq!(id, job(Channel::Email).id);
        assert_ne!(id, job(Channel::Line).id);
        let reminder = JobId::new(event(), Channel::Email, &customer(), TemplateKey::PaymentReminder);
        assert_ne!(id, reminder);
        assert_eq!((id.key(), id.key().get_version_num()), (job(Channel::Email).id.key(), 5));
        let text = id.to_string();
        for bad in [
            "",
            "x",
            &text[..text.len() - 1],
            &text.to_uppercase(),
            &format!("{text}.x"),
            &text.replace("EMAIL", "FAX"),
        ] {
            assert_eq!(JobId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_request_begins_the_first_try_alone_and_nobody_joins_it() {
        let first = tried(job(Channel::Email), Asker::Request, now());
        assert_eq!((first.tries, first.retry_count(), first.version), (1, 0, 2));
        assert_eq!(first.clone().begin(Asker::Request, now()), Begin::Leave);
        assert_eq!(first.clone().begin(Asker::Sweep, now()), Begin::Leave);
        let paused = first.end(Outcome::retry("status_429"), now());
        assert_eq!(
            paused.clone().begin(Asker::Request, later(now(), CLAIM)),
            Begin::Leave,
            "the sweep goes on with it"
        );
        assert_eq!(paused.clone().begin(Asker::Sweep, now()), Begin::Leave, "its pause is not over");
        let second = tried(paused, Asker::Sweep, later(now(), SignedDuration::from_mins(1)));
        assert_eq!(second.retry_count(), 1);
        let sent = second.end(Outcome::Sent, now());
        for asker in [Asker::Request, Asker::Sweep] {
            assert_eq!(sent.clone().begin(asker, Moment::MAX), Begin::Leave);
        }
    }

    #[test]
    fn pauses_grow_and_the_last_try_is_the_sixth() {
        let (mut job, mut at, mut pauses) = (tried(job(Channel::Email), Asker::Request, now()), now(), Vec::new());
        loop {
            job = job.end(Outcome::retry("status_503"), at);
            let Some(due) = job.due_at else { break };
            pauses.push(due.duration_since(at).as_mins());
            at = due;
            job = tried(job, Asker::Sweep, at);
        }
        assert_eq!(pauses, PAUSES_MINUTES);
        assert_eq!(
            (job.status, job.tries, job.why.as_deref()),
            (NotificationStatus::Failed, TRIES_MAX, Some("status_503"))
        );
    }

    #[test]
    fn a_channel_may_ask_for_a_longer_pause_and_for_no_shorter_one() {
        let first = tried(job(Channel::Email), Asker::Request, now());
        for (asked, given) in [(1, 60), (600, 600), (1_000_000, PAUSE_MAX.as_secs())] {
            let outcome = Outcome::Retry { after: Some(SignedDuration::from_secs(asked)), why: String::new() };
            let due = first.clone().end(outcome, now()).due_at.unwrap();
            assert_eq!(due.duration_since(now()).as_secs(), given);
        }
    }

    #[test]
    fn without_a_key_a_message_is_handed_over_twice_at_the_most() {
        for channel in [Channel::Email, Channel::Sms, Channel::Slack] {
            let once = tried(job(channel), Asker::Request, now()).end(unknown(), now());
            let twice = tried(once, Asker::Sweep, later(now(), SignedDuration::from_mins(1)));
            assert_eq!(twice.end(unknown(), now()).status, NotificationStatus::Failed);
        }
    }

    #[test]
    fn a_claim_that_lapsed_counts_as_an_unknown_end() {
        let lost = tried(job(Channel::Sms), Asker::Request, now());
        let again = tried(lost, Asker::Sweep, later(now(), CLAIM));
        assert_eq!((again.tries, again.unknown), (2, 1));
        let end = later(later(now(), CLAIM), CLAIM);
        match again.begin(Asker::Sweep, end) {
            Begin::GiveUp(job) => {
                assert_eq!((job.status, job.why.as_deref()), (NotificationStatus::Failed, Some("interrupted")))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn line_is_tried_on_for_as_long_as_it_knows_the_key() {
        let mut at = now();
        let mut job = tried(job(Channel::Line), Asker::Request, at);
        for _ in 1..TRIES_MAX {
            job = job.end(unknown(), at);
            at = job.due_at.unwrap();
            job = tried(job, Asker::Sweep, at);
        }
        let old = Job { tries: 3, unknown: 2, ..job.clone() };
        let day = SignedDuration::from_hours(24);
        assert!(matches!(old.begin(Asker::Sweep, later(at, day)), Begin::GiveUp(_)), "the key may be forgotten");
        assert_eq!(job.end(unknown(), at).status, NotificationStatus::Failed);
    }

    #[test]
    fn a_reminder_comes_a_day_before_the_end_or_not_at_all() {
        let day = SignedDuration::from_hours(24);
        let remind = |pay_before| Job::reminder(event(), Channel::Email, customer(), pay_before, now());
        let job = remind(later(now(), day * 3)).unwrap();
        assert_eq!((job.due_at, job.is_requested), (Some(later(now(), day * 2)), false));
        assert_eq!(remind(later(now(), day)), None);
    }

    #[test]
    fn customers_are_told_by_what_their_contact_and_the_shop_allow() {
        let contact = |phone: &str, line: Option<&str>| {
            let raw =
                RawContact { name: "Ada", phone, email: "a@b.co", shipping_address: "1 Main St", line_user_id: line };
            Contact::parse(raw).unwrap()
        };
        let shop =
            |line, sms: Option<&str>| Channels { line, sms: sms.map(str::to_owned), slack: false, admin_email: None };
        let line_id = format!("U{}", "0".repeat(32));
        let both = contact("0912-345-678", Some(&line_id));
        assert_eq!(shop(false, None).of_customer(&both), [Channel::Email]);
        assert_eq!(shop(true, Some("886")).of_customer(&both), [Channel::Email, Channel::Line, Channel::Sms]);
        assert_eq!(shop(true, Some("886")).of_customer(&contact("02-2345-6789#12", None)), [Channel::Email]);
        assert_eq!(shop(false, Some("886")).address_of(&both, Channel::Sms).as_deref(), Some("+886912345678"));
        assert_eq!(e164("+81312345678", "886").as_deref(), Some("+81312345678"));
        assert_eq!(e164("123456", "886"), None, "no trunk prefix: not a number that can be made international");
    }

    #[test]
    fn admins_are_told_in_slack_or_else_by_mail() {
        let shop = |slack, email: Option<&str>| Channels {
            line: false,
            sms: None,
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
