//! The actions of a random run.

/// An action. Its numbers select a customer, an order and so on modulo the number that exists, so an action stays
/// meaningful when earlier actions are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A customer charges points, in multiples of the minimum.
    Charge {
        customer: u8,
        times: u8,
    },
    Order {
        customer: u8,
        variant: u8,
        quantity: u8,
        coupon: bool,
        later: bool,
    },
    Reserve {
        customer: u8,
        offer: u8,
        quantity: u8,
        coupon: bool,
        later: bool,
    },
    /// A customer who never pays places orders until one is refused.
    OrderWithoutEnd {
        variant: u8,
        later: bool,
    },
    /// A customer saves an address.
    SaveAddress {
        customer: u8,
    },
    Pay {
        order: u8,
    },
    CheckOut {
        order: u8,
        provider: u8,
    },
    Cancel {
        order: u8,
    },
    /// A customer requests a coupon.
    TakeCoupon {
        customer: u8,
        coupon: u8,
        later: bool,
    },
    /// A customer reads.
    Look {
        customer: u8,
        what: u8,
    },
    /// A request is repeated with its idempotency key.
    Again {
        request: u8,
    },
    /// An idempotency key is reused with another body.
    OtherBody {
        request: u8,
    },

    /// A customer begins to buy points at a provider.
    BuyPoints {
        customer: u8,
        provider: u8,
    },
    /// A robot that previews links fetches a checkout.
    Fetch {
        link: u8,
    },

    PayAtProvider {
        trade: u8,
    },
    /// A provider declines a trade and says so; the customer then pays on the same page, and that callback is lost.
    DeclineThenPay {
        trade: u8,
    },
    /// A provider cannot tell yet whether it has taken the money of a trade.
    CannotTell {
        trade: u8,
    },
    /// A provider sends a callback, possibly with a fault.
    Callback {
        trade: u8,
        fault_settings: u8,
    },
    /// The customer is redirected from LINE Pay.
    Return {
        trade: u8,
    },

    /// An admin creates a product, a variant, a campaign or a window.
    Create {
        what: u8,
    },
    Rename {
        variant: u8,
    },
    Reschedule {
        offer: u8,
    },
    AdjustStock {
        variant: u8,
        delta: i8,
    },
    ChangePrice {
        variant: u8,
        hundreds: u8,
    },
    /// An admin changes the fee of a shipping method.
    ChangeFee {
        hundreds: u8,
    },
    /// An admin increases a campaign's quantity.
    TopUp {
        coupon: u8,
        more: u8,
    },
    /// An admin changes the number of stock shards.
    Reshape {
        variant: u8,
        shards: u8,
    },
    AdminCancel {
        order: u8,
    },
    /// An admin refunds an order, in percent.
    Refund {
        order: u8,
        percent: u8,
    },
    Ship {
        order: u8,
    },
    /// An admin ships two orders with one request.
    ShipMany {
        order: u8,
    },
    /// An admin corrects the address of an order.
    CorrectAddress {
        order: u8,
    },
    /// An admin changes an offer.
    Configure {
        offer: u8,
        threshold: u8,
        capacity: u8,
    },
    Confirm {
        offer: u8,
    },
    CancelBatch {
        offer: u8,
    },
    /// An admin continues a batch's production, or fails it.
    Produce {
        offer: u8,
        step: u8,
    },
    /// An admin replays an event.
    Replay {
        event: u8,
    },

    /// The stream invokes the relay.
    Relay,
    /// The stream's records are lost.
    LoseChanges,
    /// Every queue is consumed.
    WorkAll,
    /// One queue is consumed.
    Work {
        consumer: u8,
    },
    /// A queue's messages are duplicated, and delivered once more days later.
    Double {
        consumer: u8,
    },
    /// A queue's messages are first delivered days later.
    Delay {
        consumer: u8,
    },
    /// A queue's messages are reordered.
    Shuffle {
        consumer: u8,
    },
    /// A queue's messages are moved to the dead-letter queue.
    SetAside {
        consumer: u8,
    },
    /// A poison message arrives on a queue.
    Poison {
        consumer: u8,
    },
    /// All dead-letter messages are redriven.
    Redrive,
    /// The bus is not reachable for an hour.
    BusOutage,
    /// All indexes lag for some minutes.
    LagIndexes {
        minutes: u8,
    },
    /// A schedule fires late.
    Tick {
        schedule: u8,
        minutes_ago: u8,
    },
    Pass {
        seconds: u32,
    },
}
