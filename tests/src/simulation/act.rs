//! What can be done in a shop.

/// Something that somebody does. What it is about is a number that is taken modulo what there is by then, so that it keeps
/// its meaning when what was done before it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A customer charges points, so many times the least.
    Charge { customer: u8, times: u8 },
    /// A customer orders from stock.
    Order { customer: u8, variant: u8, quantity: u8, coupon: bool, later: bool },
    /// A customer reserves a place in an offer.
    Reserve { customer: u8, offer: u8, quantity: u8, coupon: bool, later: bool },
    /// The owner of an order pays it with points.
    Pay { order: u8 },
    /// The owner of an order opens a checkout at a provider.
    CheckOut { order: u8, provider: u8 },
    /// The owner of an order cancels it.
    Cancel { order: u8 },
    /// A customer takes a coupon.
    TakeCoupon { customer: u8, coupon: u8, later: bool },
    /// Somebody reads.
    Look { customer: u8, what: u8 },
    /// A request comes again under its key.
    Again { request: u8 },
    /// A key comes with another body.
    OtherBody { request: u8 },

    /// The customer pays at the provider.
    PayAtProvider { trade: u8 },
    /// A provider says what its books say, with something out of the ordinary.
    Callback { trade: u8, knob: u8 },
    /// The customer comes back from LINE Pay.
    Return { trade: u8 },

    /// An admin makes something: a product, a variant, a campaign or a window.
    Create { what: u8 },
    /// An admin renames a product.
    Rename { variant: u8 },
    /// An admin moves a batch's dates.
    Reschedule { offer: u8 },
    /// An admin changes a stock.
    AdjustStock { variant: u8, delta: i8 },
    /// An admin changes a price.
    ChangePrice { variant: u8, hundreds: u8 },
    /// An admin lets a campaign have more coupons.
    TopUp { coupon: u8, more: u8 },
    /// An admin changes over how many shards a stock lies.
    Reshape { variant: u8, shards: u8 },
    /// An admin cancels an order.
    AdminCancel { order: u8 },
    /// An admin gives money back: all of it, or a part in percent.
    Refund { order: u8, percent: u8 },
    /// An admin ships an order.
    Ship { order: u8 },
    /// An admin configures an offer anew.
    Configure { offer: u8, threshold: u8, capacity: u8 },
    /// An admin confirms a batch.
    Confirm { offer: u8 },
    /// An admin cancels a batch.
    CancelBatch { offer: u8 },
    /// An admin takes a batch's production one step further, or fails it.
    Produce { offer: u8, step: u8 },
    /// An admin puts an event in line again.
    Replay { event: u8 },

    /// The stream calls the relay.
    Relay,
    /// The stream's records never reach the relay.
    LoseChanges,
    /// Every queue is worked on.
    WorkAll,
    /// One queue is worked on.
    Work { consumer: u8 },
    /// A queue's messages come twice, and once more days later.
    Double { consumer: u8 },
    /// A queue's messages come for the first time days later.
    Delay { consumer: u8 },
    /// A queue's messages come in another order.
    Shuffle { consumer: u8 },
    /// A queue's messages are set aside.
    SetAside { consumer: u8 },
    /// A message that nobody understands arrives on a queue.
    Poison { consumer: u8 },
    /// What was set aside goes back on its queue.
    Redrive,
    /// A schedule fires, for a moment that is so many minutes ago.
    Tick { schedule: u8, minutes_ago: u8 },
    /// Time passes.
    Pass { seconds: u32 },
}
