//! What clients wrote down: every request under its key, and what they were told.

use crate::shop::{Caller, Reply};
use domain::Moment;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To charge points.
    Charge,
    /// To place an order.
    Order,
    /// To take a coupon.
    Coupon,
    /// To take a coupon when its turn comes.
    Ticket,
    /// Anything else.
    Other,
}

/// A request under its key.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) purpose: Purpose,
    pub(super) key: String,
    pub(super) caller: Caller,
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) body: String,
    pub(super) is_async: bool,
    /// When it was sent first.
    pub(super) at: Moment,
    /// The first answer that said that it was done.
    pub(super) done: Option<Reply>,
    /// Whether the last answer said what became of it.
    pub(super) is_definite: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) requests: Vec<Request>,
    pub(super) wrong: Vec<String>,
}

impl Book {
    /// Writes an answer down; what was done stays done, word for word.
    pub(super) fn answered(&mut self, number: usize, reply: Option<&Reply>) {
        let request = &mut self.requests[number];
        let name = format!("{} under {}", request.target, request.key);
        // Admins find an order by an index, which may lag behind an order that was just placed.
        request.is_definite = reply.is_some_and(|reply| reply.status < 500 && reply.word() != "order_not_found");
        let Some(reply) = reply else { return };
        if reply.status == 500 {
            self.wrong.push(format!("500: {name}: {}", reply.text));
        }
        // A ticket follows from who asks, and only a POST has a key.
        if request.purpose == Purpose::Ticket || request.method != "POST" {
            return;
        }
        let is_done = reply.status < 300;
        match &request.done {
            None if is_done => request.done = Some(reply.clone()),
            Some(before) if is_done && (before.status, &before.text) != (reply.status, &reply.text) => {
                self.wrong.push(format!("I2, another answer: {name}: {} after {}", reply.text, before.text));
            }
            Some(_) if reply.status < 500 && !is_done => {
                self.wrong.push(format!("I2, done and then refused: {name}: {}", reply.text));
            }
            _ => {}
        }
    }

    /// What was done for this purpose.
    pub(super) fn done(&self, purpose: Purpose) -> impl Iterator<Item = (&Request, &Reply)> {
        let meant = self.requests.iter().filter(move |request| request.purpose == purpose);
        meant.filter_map(|request| Some((request, request.done.as_ref()?)))
    }
}
