//! A notification job: one message to one recipient on one channel, about one event, with its tries.
//!
//! A job is tried when it is requested, and retried with increasing back-off ([`PAUSES_MINUTES`]) for
//! [`AVAILABLE_WITHIN_HOURS`]. A try begins by claiming the job (a lease), so two tries never run at the same time. When
//! the result of a try is unknown (no response, or the function died), a channel that deduplicates by key is retried: it
//! sends once per key. Any other channel gets at most one more try ([`UNKNOWN_RETRIES_MAX`]), so that a message is
//! delivered at most twice.

use super::{Channel, JobId, NotificationStatus, Recipient, RefundMade, TemplateKey, Threshold};
use crate::id::EventId;
use crate::{Moment, Refusal};
use jiff::SignedDuration;

/// The back-off before each retry, in minutes; the last one also before every later retry.
const PAUSES_MINUTES: [i64; 5] = [1, 5, 15, 60, 240];
/// Hours for which a message is retried while its channel is not available, so that an outage loses no message. Later, most
/// messages would be out of date.
const AVAILABLE_WITHIN_HOURS: i64 = 72;
/// The maximum back-off that a channel may ask for (`Retry-After`).
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(6);
/// The lease of a try: longer than the time-out of the functions that send.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// The time after which the sweep makes the first try of a job whose event has not been delivered.
const FIRST_TRY_WITHIN: SignedDuration = SignedDuration::from_mins(5);
/// The maximum number of retries after a try with an unknown result, on a channel without deduplication.
const UNKNOWN_RETRIES_MAX: u32 = 1;
/// The time for which a channel deduplicates by key: LINE's 24 hours, minus one for clock skew and the lease.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(23);
/// The time within which an external system must report the result of a message.
const EXTERNAL_RESULT_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// The time before the payment deadline at which a customer is reminded.
const REMINDER_BEFORE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub recipient: Recipient,
    pub template: TemplateKey,
    /// The subject of a message to the admins.
    pub threshold: Option<Threshold>,
    /// The subject of a message about a refund.
    pub refund: Option<RefundMade>,
    /// The correlation id of the request that led to the message.
    pub correlation_id: String,
    pub status: NotificationStatus,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
    /// Tries that have begun.
    pub tries: u32,
    /// Tries with an unknown result.
    pub unknown: u32,
    /// The start of the first try. From then on the channel deduplicates by the job's key.
    pub first_tried_at: Option<Moment>,
    /// The end of the current try's lease.
    pub claimed_until: Option<Moment>,
    /// The time at which the job is due next; `None` once it is SENT or FAILED.
    pub due_at: Option<Moment>,
    /// Whether the job was requested by an event. A reminder is requested when it is due.
    pub is_requested: bool,
    /// The reason code of the last try's result. Never the channel's own text, which could repeat an address.
    pub why: Option<String>,
    /// The time at which the channel accepted the message.
    pub sent_at: Option<Moment>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// The result of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendResult {
    /// The channel accepted the message.
    Sent,
    /// Nothing was sent; a retry may succeed.
    Retry {
        /// The minimum back-off, if the channel named one.
        after: Option<SignedDuration>,
        /// A short reason code.
        why: String,
    },
    /// Nothing was sent, and a retry will not succeed.
    Permanent {
        /// A short reason code.
        why: String,
    },
    /// The message may have been sent.
    Unknown {
        /// A short reason code.
        why: String,
    },
}

impl SendResult {
    pub fn retry(why: impl Into<String>) -> Self {
        Self::Retry { after: None, why: why.into() }
    }

    pub fn permanent(why: impl Into<String>) -> Self {
        Self::Permanent { why: why.into() }
    }
}

/// The trigger of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The event that requests the message: only the first try, however often the event is delivered.
    Request,
    /// The scheduled sweep: every job that is due.
    Sweep,
}

/// The decision about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Nothing to do: the job is SENT or FAILED, not due, or another try holds the lease.
    Leave,
    /// Try it; the lease is taken.
    Try(Job),
    /// Fail it: another try could deliver a third copy, or no tries are left.
    GiveUp(Job),
}

impl Job {
    /// A job that is due immediately.
    pub fn new(event: EventId, channel: Channel, recipient: Recipient, template: TemplateKey, now: Moment) -> Self {
        Self {
            id: JobId::new(event, channel, &recipient, template),
            recipient,
            template,
            threshold: None,
            refund: None,
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

    /// A reminder for an order with this payment deadline. `None` when the reminder would not come before the deadline.
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

    /// The number of retries so far.
    pub const fn retry_count(&self) -> u32 {
        self.tries.saturating_sub(1)
    }

    /// Marks a reminder as requested because it is due.
    #[must_use]
    pub fn request(self, now: Moment) -> Self {
        Self { is_requested: true, due_at: Some(later(now, FIRST_TRY_WITHIN)), ..self.changed(now) }
    }

    /// Resets a failed message, so that all its tries begin again.
    ///
    /// # Errors
    /// [`Refusal::NotificationNotFailed`].
    pub fn retry(self, now: Moment) -> Result<Self, Refusal> {
        if self.status != NotificationStatus::Failed {
            return Err(Refusal::NotificationNotFailed);
        }
        Ok(Self {
            status: NotificationStatus::Requested,
            tries: 0,
            unknown: 0,
            first_tried_at: None,
            claimed_until: None,
            due_at: Some(now),
            is_requested: true,
            ..self.changed(now)
        })
    }

    /// Decides whether a try begins at `now`, and takes the lease.
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
        // The function that held the lease has died, and the result of its try is unknown.
        let job = if self.claimed_until.is_some() { Self { unknown: self.unknown + 1, ..self } } else { self };
        if !job.may_follow_unknown(now) {
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

    /// Decides what the sweep does with a job whose message an external system sends: wait for
    /// [`EXTERNAL_RESULT_WITHIN`], then fail it.
    pub fn await_external(self, now: Moment) -> Begin {
        let is_due = self.due_at.is_some_and(|due| due <= now);
        if self.status != NotificationStatus::Requested || !is_due {
            return Begin::Leave;
        }
        if self.tries > 0 {
            return Begin::GiveUp(self.fail("no_answer", now));
        }
        Begin::Try(Self { tries: 1, due_at: Some(later(now, EXTERNAL_RESULT_WITHIN)), ..self.changed(now) })
    }

    /// Records the result of a try.
    #[must_use]
    pub fn end(self, outcome: SendResult, now: Moment) -> Self {
        match outcome {
            SendResult::Sent => Self {
                status: NotificationStatus::Sent,
                sent_at: Some(now),
                claimed_until: None,
                due_at: None,
                why: None,
                ..self.changed(now)
            },
            SendResult::Permanent { why } => self.fail(&why, now),
            SendResult::Retry { after, why } => self.pause(after, &why, now),
            SendResult::Unknown { why } => {
                let job = Self { unknown: self.unknown + 1, ..self };
                if job.may_follow_unknown(now) { job.pause(None, &why, now) } else { job.fail(&why, now) }
            }
        }
    }

    /// Whether a retry after an unknown result is safe: the channel deduplicates, or a retry is left.
    fn may_follow_unknown(&self, now: Moment) -> bool {
        let knows = self.first_tried_at.is_none_or(|first| now.duration_since(first) < KEY_LIFE);
        (self.id.channel().knows_keys() && knows) || self.unknown <= UNKNOWN_RETRIES_MAX
    }

    fn pause(self, after: Option<SignedDuration>, why: &str, now: Moment) -> Self {
        let done = usize::try_from(self.tries.saturating_sub(1)).unwrap_or(usize::MAX);
        let is_over = self
            .first_tried_at
            .is_some_and(|first| now.duration_since(first) >= SignedDuration::from_hours(AVAILABLE_WITHIN_HOURS));
        match PAUSES_MINUTES.get(done).or(PAUSES_MINUTES.last()).filter(|_| !is_over) {
            Some(minutes) => {
                let own = SignedDuration::from_mins(*minutes);
                let pause = after.map_or(own, |asked| asked.clamp(own, PAUSE_MAX));
                let due_at = Some(later(now, pause));
                Self { claimed_until: None, due_at, why: Some(why.to_owned()), ..self.changed(now) }
            }
            None => self.fail(why, now),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CustomerId, OrderId};

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

    fn unknown() -> SendResult {
        SendResult::Unknown { why: "timeout".to_owned() }
    }

    #[test]
    fn only_a_failed_job_is_tried_again_from_the_start() {
        assert_eq!(job(Channel::Email).retry(now()), Err(Refusal::NotificationNotFailed));
        let failed = tried(job(Channel::Email), Asker::Request, now()).end(SendResult::permanent("rejected"), now());
        let again = failed.clone().retry(now()).unwrap();
        assert_eq!((again.status, again.tries, again.version), (NotificationStatus::Requested, 0, failed.version + 1));
        let sent = tried(again, Asker::Sweep, now()).end(SendResult::Sent, now());
        assert_eq!(sent.retry(now()), Err(Refusal::NotificationNotFailed));
    }

    #[test]
    fn a_sent_or_failed_job_is_not_due_and_has_its_time_and_reason() {
        let at = later(now(), SignedDuration::from_mins(1));
        let again = tried(
            tried(job(Channel::Email), Asker::Request, now()).end(SendResult::retry("busy"), now()),
            Asker::Sweep,
            at,
        );
        let sent = again.clone().end(SendResult::Sent, at);
        assert_eq!((sent.status, sent.sent_at, &sent.why), (NotificationStatus::Sent, Some(at), &None));
        assert_eq!((sent.claimed_until, sent.due_at, sent.updated_at), (None, None, at));
        let failed = again.end(SendResult::Permanent { why: "status_400".to_owned() }, at);
        assert_eq!((failed.status, failed.why.as_deref()), (NotificationStatus::Failed, Some("status_400")));
        assert_eq!((failed.claimed_until, failed.due_at, failed.updated_at), (None, None, at));
    }

    #[test]
    fn a_pause_says_why() {
        let paused = tried(job(Channel::Email), Asker::Request, now()).end(SendResult::retry("status_429"), now());
        assert_eq!(paused.why.as_deref(), Some("status_429"));
    }

    #[test]
    fn a_due_reminder_is_requested() {
        let ahead = later(now(), SignedDuration::from_hours(24 * 3));
        let reminder = Job::reminder(event(), Channel::Email, customer(), ahead, now()).unwrap();
        let due = reminder.due_at.unwrap();
        assert!(!reminder.is_requested);
        let asked = reminder.request(due);
        assert_eq!((asked.is_requested, asked.due_at), (true, Some(later(due, FIRST_TRY_WITHIN))));
    }

    #[test]
    fn an_external_system_has_one_day_to_report_the_result() {
        let job = job(Channel::Email);
        let due = job.due_at.unwrap();
        let early = later(due, SignedDuration::from_secs(-1));
        assert_eq!(job.clone().await_external(early), Begin::Leave);
        let Begin::Try(waiting) = job.await_external(due) else { panic!("it is due") };
        let end = later(due, EXTERNAL_RESULT_WITHIN);
        assert_eq!((waiting.tries, waiting.due_at), (1, Some(end)));
        assert_eq!(waiting.clone().await_external(due), Begin::Leave);
        let Begin::GiveUp(failed) = waiting.await_external(end) else { panic!("its day is over") };
        assert_eq!(failed.why.as_deref(), Some("no_answer"));
        assert_eq!(failed.await_external(later(end, EXTERNAL_RESULT_WITHIN)), Begin::Leave);
    }

    #[test]
    fn a_request_starts_only_the_first_try_and_its_lease_excludes_others() {
        let first = tried(job(Channel::Email), Asker::Request, now());
        assert_eq!((first.tries, first.retry_count(), first.version), (1, 0, 2));
        assert_eq!(first.clone().begin(Asker::Request, now()), Begin::Leave);
        assert_eq!(first.clone().begin(Asker::Sweep, now()), Begin::Leave);
        let paused = first.end(SendResult::retry("status_429"), now());
        assert_eq!(
            paused.clone().begin(Asker::Request, later(now(), CLAIM)),
            Begin::Leave,
            "the sweep goes on with it"
        );
        assert_eq!(paused.clone().begin(Asker::Sweep, now()), Begin::Leave, "its pause is not over");
        let second = tried(paused, Asker::Sweep, later(now(), SignedDuration::from_mins(1)));
        assert_eq!(second.retry_count(), 1);
        let sent = second.end(SendResult::Sent, now());
        for asker in [Asker::Request, Asker::Sweep] {
            assert_eq!(sent.clone().begin(asker, Moment::MAX), Begin::Leave);
        }
    }

    #[test]
    fn a_request_after_an_external_result_starts_no_try() {
        let sent = job(Channel::Email).end(SendResult::Sent, now());
        assert_eq!(sent.begin(Asker::Request, now()), Begin::Leave, "although it was never tried");
    }

    #[test]
    fn the_back_off_grows_and_an_outage_of_three_days_ends_the_tries() {
        let (mut job, mut at, mut pauses) = (tried(job(Channel::Email), Asker::Request, now()), now(), Vec::new());
        loop {
            job = job.end(SendResult::retry("status_503"), at);
            let Some(due) = job.due_at else { break };
            pauses.push(due.duration_since(at).as_mins());
            at = due;
            job = tried(job, Asker::Sweep, at);
        }
        let (growing, later) = pauses.split_at(PAUSES_MINUTES.len());
        assert_eq!(growing, PAUSES_MINUTES);
        assert!(later.iter().all(|pause| *pause == 240), "{later:?}");
        assert!(at.duration_since(now()) >= SignedDuration::from_hours(AVAILABLE_WITHIN_HOURS));
        assert_eq!((job.status, job.tries, job.why.as_deref()), (NotificationStatus::Failed, 23, Some("status_503")));
    }

    #[test]
    fn a_channel_can_lengthen_the_back_off_but_not_shorten_it() {
        let first = tried(job(Channel::Email), Asker::Request, now());
        for (asked, given) in [(1, 60), (600, 600), (1_000_000, PAUSE_MAX.as_secs())] {
            let outcome = SendResult::Retry { after: Some(SignedDuration::from_secs(asked)), why: String::new() };
            let due = first.clone().end(outcome, now()).due_at.unwrap();
            assert_eq!(due.duration_since(now()).as_secs(), given);
        }
    }

    #[test]
    fn a_channel_without_deduplication_gets_a_message_at_most_twice() {
        for channel in [Channel::Email, Channel::Sms, Channel::Slack] {
            let once = tried(job(channel), Asker::Request, now()).end(unknown(), now());
            let twice = tried(once, Asker::Sweep, later(now(), SignedDuration::from_mins(1)));
            assert_eq!(twice.end(unknown(), now()).status, NotificationStatus::Failed);
        }
    }

    #[test]
    fn an_expired_lease_counts_as_an_unknown_result() {
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
    fn line_is_retried_while_it_deduplicates_by_key() {
        let mut at = now();
        let mut job = tried(job(Channel::Line), Asker::Request, at);
        for _ in 1..6 {
            job = job.end(unknown(), at);
            at = job.due_at.unwrap();
            job = tried(job, Asker::Sweep, at);
        }
        let old = Job { tries: 3, unknown: 2, ..job.clone() };
        let end = later(now(), KEY_LIFE);
        tried(old.clone(), Asker::Sweep, later(end, SignedDuration::from_millis(-1)));
        assert!(matches!(old.begin(Asker::Sweep, end), Begin::GiveUp(_)), "the key may be forgotten");
        assert_eq!(job.end(unknown(), end).status, NotificationStatus::Failed);
    }

    #[test]
    fn a_reminder_is_due_a_day_before_the_deadline_or_not_sent() {
        let day = SignedDuration::from_hours(24);
        let remind = |pay_before| Job::reminder(event(), Channel::Email, customer(), pay_before, now());
        let job = remind(later(now(), day * 3)).unwrap();
        assert_eq!((job.due_at, job.is_requested), (Some(later(now(), day * 2)), false));
        assert_eq!(remind(later(now(), day)), None);
    }
}
