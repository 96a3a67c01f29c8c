//! The events of sagas.

use super::event::Reason;
use super::ids::{CourierId, RestaurantId};
use super::outside::{Leg, Stage, Ticket, Trip};
use crate::domains::money::Money;
use crate::kernel::{Instant, Span};
use crate::{event_names, saga_events};

/// A request to a service. The order's number is its reference there, so that a repeated request has no
/// further effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// The provider charges the card.
    Charge,
    /// The provider gives back what the order does not keep, and closes the charge.
    Refund,
    /// The restaurant takes the order.
    Offer,
    /// The restaurant throws the order away, or refuses it if it comes later.
    Withdraw,
    /// A courier is found.
    Assign,
    /// The courier is told that the food is ready.
    Collect,
    /// The courier goes home, or none is found any more.
    Release,
}

/// What a service says about an act that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detail {
    /// How long the food will take.
    Estimated(Span),
    /// The courier who will bring it.
    Courier(CourierId),
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    Provider,
    /// The restaurant of the order.
    Restaurant,
    Couriers,
}

/// A time by which the outside must have done its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deadline {
    /// The restaurant confirms.
    Confirm,
    /// The food is ready.
    Kitchen,
    /// The food is delivered.
    Delivery,
}

/// A command of a saga to its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tell {
    Paid,
    Confirmed,
    Preparing,
    Courier(CourierId),
    Ready,
    PickedUp(CourierId),
    Delivered,
    /// The order cannot be carried out.
    Abandoned(Reason),
}

/// Why a saga is handed to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// A service does not answer.
    Unreachable(Party),
    /// A service declined to undo an act.
    UndoDeclined(Act),
    /// The order refuses a command, or does not answer.
    OrderUnreachable(Tell),
    /// All couriers are busy, and have been for a long time.
    NoCourier,
    /// The food is not delivered in time, as the couriers say themselves.
    NotDelivered,
}

saga_events! {
    /// An event of the saga of an order.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble {
        /// An order was created.
        SagaStarted { restaurant: RestaurantId, total: Money, portions: u64 },
        /// Something must be done by this time, and what had to be done before has been done.
        DeadlineSet { deadline: Deadline, at: Instant },
        /// That time has passed.
        DeadlinePassed { deadline: Deadline },
        /// The saga requests an act. From now on it must be undone if the order is cancelled. `keep` is what a
        /// refund leaves of the charge, in minor units.
        Asked { act: Act, keep: i64 },
        /// The act is done. The restaurant that takes an order and the courier who is found say more.
        Done { act: Act, detail: Option<Detail> },
        /// All couriers are busy.
        CouriersBusy,
        /// The courier will not come after all.
        CourierQuit,
        /// The service declined the act.
        Declined { act: Act },
        /// The service did not answer: the act may be done.
        Unknown { act: Act },
        /// The saga queries the state at a service.
        Queried { party: Party },
        /// The query was not answered.
        QueryUnanswered { party: Party },
        /// A service does not find an act whose outcome is unknown, which proves nothing if it is asked before
        /// `until`: its lookups may lag.
        Missing { party: Party, until: Instant },
        /// The provider answered.
        ChargeRetrieved { charged: bool, closed: bool },
        /// The restaurant answered.
        TicketRetrieved { ticket: Option<Ticket> },
        /// The couriers answered.
        TripRetrieved { trip: Option<Trip> },
        /// The restaurant reports a stage.
        KitchenMoved { stage: Stage },
        /// The restaurant gives the order up.
        KitchenGaveUp,
        /// The courier reports a leg of the trip.
        TripMoved { leg: Leg },
        /// The saga sends a command to the order.
        OrderTold { tell: Tell },
        /// The order refused the command, or its outcome is unknown.
        TellFailed { tell: Tell, refused: bool },
    }
}

impl Act {
    pub const fn party(self) -> Party {
        match self {
            Self::Charge | Self::Refund => Party::Provider,
            Self::Offer | Self::Withdraw => Party::Restaurant,
            Self::Assign | Self::Collect | Self::Release => Party::Couriers,
        }
    }

    pub const fn verb(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Offer => "offer",
            Self::Withdraw => "withdraw",
            Self::Assign => "assign",
            Self::Collect => "collect",
            Self::Release => "release",
        }
    }
}

impl Deadline {
    /// All deadlines, in order of their timers.
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Kitchen, Self::Delivery];

    /// The timer of the saga.
    pub const fn timer(self) -> u8 {
        self as u8
    }
}

event_names! {
    SagaEvent {
        SagaStarted,
        DeadlineSet { deadline: Deadline::Confirm, .. } => ConfirmationAwaited,
        DeadlineSet { deadline: Deadline::Kitchen, .. } => FoodAwaited,
        DeadlineSet { deadline: Deadline::Delivery, .. } => DeliveryAwaited,
        DeadlinePassed { deadline: Deadline::Confirm } => ConfirmationOverdue,
        DeadlinePassed { deadline: Deadline::Kitchen } => FoodOverdue,
        DeadlinePassed { deadline: Deadline::Delivery } => DeliveryOverdue,
        Asked { act: Act::Charge, .. } => ChargeAsked,
        Asked { act: Act::Refund, .. } => RefundAsked,
        Asked { act: Act::Offer, .. } => OrderOffered,
        Asked { act: Act::Withdraw, .. } => WithdrawalAsked,
        Asked { act: Act::Assign, .. } => CourierAsked,
        Asked { act: Act::Collect, .. } => CollectionAsked,
        Asked { act: Act::Release, .. } => ReleaseAsked,
        Done { act: Act::Charge, .. } => Charged,
        Done { act: Act::Refund, .. } => Refunded,
        Done { act: Act::Offer, .. } => OrderTaken,
        Done { act: Act::Withdraw, .. } => OrderWithdrawn,
        Done { act: Act::Assign, .. } => CourierFound,
        Done { act: Act::Collect, .. } => CollectionNoted,
        Done { act: Act::Release, .. } => CourierReleased,
        CouriersBusy, CourierQuit,
        Declined => ActDeclined,
        Unknown => OutcomeUnknown,
        Queried { party: Party::Provider } => ChargeQueried,
        Queried { party: Party::Restaurant } => TicketQueried,
        Queried { party: Party::Couriers } => TripQueried,
        Missing { party: Party::Provider, .. } => ChargeMissing,
        Missing { party: Party::Restaurant, .. } => TicketMissing,
        Missing { party: Party::Couriers, .. } => TripMissing,
        QueryUnanswered, ChargeRetrieved, TicketRetrieved, TripRetrieved,
        KitchenMoved { stage: Stage::Received | Stage::Accepted } => RestaurantAccepted,
        KitchenMoved { stage: Stage::Cooking } => CookingBegun,
        KitchenMoved { stage: Stage::Ready } => FoodReady,
        KitchenGaveUp => RestaurantGaveUp,
        TripMoved { leg: Leg::Coming | Leg::PickedUp } => FoodPickedUp,
        TripMoved { leg: Leg::Delivered } => FoodDelivered,
        OrderTold, TellFailed,
        RetryScheduled, RetryDue, SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman,
        LookScheduled,
    }
}
