//! What clients know: every request with its key and its responses.

use crate::shop::{Caller, Reply};
use domain::Moment;

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Charge,
    Order,
    Coupon,
    /// To request a coupon asynchronously.
    Ticket,
    Other,
}

/// A request with its idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) purpose: Purpose,
    pub(super) key: String,
    pub(super) caller: Caller,
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) body: String,
    pub(super) is_async: bool,
    /// The time of the first try.
    pub(super) at: Moment,
    /// The first successful response.
    pub(super) done: Option<Reply>,
    /// Whether the last response was definite.
    pub(super) is_definite: bool,
}

#[derive(Debug, Default)]
pub(super) struct ClientLog {
    pub(super) requests: Vec<Request>,
    pub(super) wrong: Vec<String>,
}

impl ClientLog {
    /// Records a response, and checks that a successful request always gets the same response.
    pub(super) fn answered(&mut self, number: usize, reply: Option<&Reply>) {
        let request = &mut self.requests[number];
        let name = format!("{} under {}", request.target, request.key);
        // Admin routes find an order by an index, which may lag behind a new order.
        request.is_definite = reply.is_some_and(|reply| reply.status < 500 && reply.word() != "order_not_found");
        let Some(reply) = reply else { return };
        if reply.status == 500 {
            self.wrong.push(format!("500: {name}: {}", reply.text));
        }
        // A ticket id is derived from the customer, and only a POST has a key.
        if request.purpose == Purpose::Ticket || request.method != "POST" {
            return;
        }
        let is_done = reply.status < 300;
        match &request.done {
            None if is_done => request.done = Some(reply.clone()),
            Some(before) if is_done && (before.status, &before.text) != (reply.status, &reply.text) => {
                self.wrong.push(format!("I2, another response: {name}: {} after {}", reply.text, before.text));
            }
            Some(_) if reply.status < 500 && !is_done => {
                self.wrong.push(format!("I2, successful and then refused: {name}: {}", reply.text));
            }
            _ => {}
        }
    }

    /// The successful requests with this purpose.
    pub(super) fn done(&self, purpose: Purpose) -> impl Iterator<Item = (&Request, &Reply)> {
        let meant = self.requests.iter().filter(move |request| request.purpose == purpose);
        meant.filter_map(|request| Some((request, request.done.as_ref()?)))
    }
}
