//! What is judged of a history: clauses, each of which belongs to a property.
//!
//! A property of a run says more than the lines of a history can show. What they show is said by its clauses.
//! Each is judged if the lines that it needs are there.

use super::vocabulary::Kind;

macro_rules! clauses {
    ($($property:literal { $($variant:ident $word:literal $says:literal, $needs:literal;)+ })+) => {
        /// A statement that every history must satisfy, as far as it can be judged.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Clause {
            $($(#[doc = $says] $variant,)+)+
        }

        impl Clause {
            /// All clauses, those of one property next to each other.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// The id of the property that it is a part of.
            pub const fn property(self) -> &'static str {
                match self {
                    $($(Self::$variant)|+ => $property,)+
                }
            }

            /// What it counts.
            pub const fn word(self) -> &'static str {
                match self {
                    $($(Self::$variant => $word,)+)+
                }
            }

            /// What must hold.
            pub const fn says(self) -> &'static str {
                match self {
                    $($(Self::$variant => $says,)+)+
                }
            }

            /// What must be in a history so that it can be judged.
            pub const fn needs(self) -> &'static str {
                match self {
                    $($(Self::$variant => $needs,)+)+
                }
            }
        }

        /// The ids of all properties that can be judged, in order.
        pub const PROPERTIES: &[&str] = &[$($property,)+];
    };
}

clauses! {
    "dense-versions" {
        Versions "versions" "the versions of a stream follow one after the other, in the order of the lines",
            "`event`";
        Positions "positions" "a position belongs to one event, and later events of a stream have higher ones",
            "`event` with `position`";
        Ids "ids" "an id belongs to one event", "`event` with `id`";
    }
    "acknowledged-once" {
        Acknowledged "acknowledged writes" "what a command was answered to have led to is stored",
            "`answer` with `stream` and `version`, `event`";
    }
    "command-once" {
        OneTransaction "events of commands" "all events of a command are written in one transaction",
            "`event` with `command` and `transaction`";
        NoneAfterAnswer "events before answers" "a command writes nothing after it was answered as accepted, and nothing if it is rejected",
            "`event` with `command`, `answer`";
        SameAnswer "answers" "all answers to a command agree, except that its outcome may be unknown before",
            "`answer`";
    }
    "answered-in-time" {
        Answered "commands" "every command that was sent is answered", "`command`, `answer`";
    }
    "causes-before-effects" {
        CauseFirst "causes of events" "the event that led to another one is stored, and before it",
            "`event` with `id` and `cause`";
        SentFirst "answers" "a command is answered only after it was sent", "`command`, `answer`";
        PublishedAfter "publishes" "only what is stored is published", "`publish`, `event`";
        DeliveredAfter "deliveries" "only what is stored is delivered", "`deliver`, `event`";
        AppliedAfter "applied events" "only what is stored is applied", "`apply`, `event`";
    }
    "correlated" {
        Correlated "events" "an event has the correlation of the event that led to it",
            "`event` with `id`, `cause` and `correlation`";
    }
    "in-order-apply" {
        InOrder "applied events" "a consumer applies the events of a stream in order, and skips none that it must see",
            "`apply`, `event`";
        AppliedOnce "events applied once" "a consumer applies no event twice", "`apply`";
    }
    "checkpoint-behind" {
        Forward "checkpoints" "a checkpoint never goes back", "`checkpoint`";
        BehindApplied "checkpoints over applied events" "a checkpoint never passes an event that its consumer must see and has not applied",
            "`subscription`, `event` with `position`, `apply` and `checkpoint` in one file";
        BehindVisible "events beyond checkpoints" "no event appears at a position that a checkpoint has passed",
            "`subscription`, `event` with `position` and `checkpoint` in one file";
    }
    "no-lost-event" {
        Applied "events of consumers" "every event is applied by each consumer that must see it",
            "`subscription` of a consumer, `event`, `apply`";
        Published "events of relays" "every event that a relay must see is published",
            "`subscription` of a relay, `event`, `publish`";
        Delivered "deliveries" "every event that was delivered to a consumer is applied by it",
            "`deliver` and `apply` of the same consumer";
    }
    "drains" {
        OutboxEmpty "rows of the outbox" "at the end every row of the outbox is sent", "`outbox`";
        CaughtUp "consumers" "at the end every checkpoint is at the last event that its consumer must see",
            "`subscription`, `event` with `position`, `checkpoint`";
    }
    "read-your-writes" {
        AskedFor "reads with a version" "a read that asks for a version shows it or a later one",
            "`read` with `after` and `shows`";
        OwnWrites "reads after writes" "a reader whose write was accepted is shown no version before it",
            "`answer` with `actor`, `stream` and `version`, `read` with `shows`, in one file";
    }
    "monotonic-reads" {
        Monotonic "reads" "a reader is never shown an older version of a stream in a row than before",
            "`read` with `shows`, the same actor and row more than once";
    }
    "projection-convergence" {
        ShownExists "versions shown" "a row shows no version of a stream that is not stored",
            "`read` with `shows`, `event`";
    }
    "saga-terminates" {
        SagaEnds "sagas" "every saga comes to an end or is handed over, and an ended one stays so unless it is reopened", "`saga`";
    }
    "step-once" {
        SameCall "calls" "a call that is repeated asks for the same", "`call`, more than one with the same `effect`";
    }
    "timer-honest" {
        NotEarly "timers that fired" "a timer fires only if it is set, and not before it is due",
            "`timer`";
        TimerEnds "timers" "at the end every timer has fired or was cancelled", "`timer`";
    }
    "single-capture" {
        CapturedOnce "captures" "a payment is captured at most once", "`payment` of `capture` or `charge`";
    }
    "money-conserved" {
        WithinAuthorised "captured amounts" "no more is captured than was authorised, and nothing after it was voided",
            "`payment` of `capture` with `amount`";
        WithinCaptured "refunded amounts" "no more is refunded than was captured",
            "`payment` of `refund` with `amount`";
        NothingReserved "authorisations" "at the end what was authorised is captured or voided",
            "`payment` of `authorise`";
    }
    "paid-back-once" {
        PaidBack "payments paid back" "refunds and chargebacks of a payment together are no more than what was captured",
            "`payment` of `refund` or `chargeback` with `amount`";
    }
    "no-double-sale" {
        WithinCapacity "items held and sold" "no more of an item is held and sold than exists",
            "`stock`, `hold` or `sell`";
        OneHolder "units" "a unit, such as a numbered place, has one holder", "`hold` or `sell`, with `unit`";
        HeldOnce "holders" "a holder gets the same thing once", "`hold` or `sell`";
    }
    "no-early-release" {
        ReleasedHeld "releases" "only what is held or sold is released, and once", "`release`";
    }
    "no-late-release" {
        HoldsEnd "holds with an end" "at the end no hold is open that has run out", "`hold` with `until`";
    }
    "linearizable" {
        OneOrder "operations" "one order of the operations on an object explains all their answers, each at a moment between `from` and `to`",
            "`operation` with `from` and `to`";
    }
}

impl Clause {
    /// Whether it says what must hold at the end, when nothing is under way any more.
    pub const fn is_at_rest(self) -> bool {
        matches!(
            self,
            Self::Answered
                | Self::Applied
                | Self::Published
                | Self::Delivered
                | Self::OutboxEmpty
                | Self::CaughtUp
                | Self::SagaEnds
                | Self::TimerEnds
                | Self::NothingReserved
                | Self::HoldsEnd
        )
    }

    /// Whether a property has this id.
    pub fn is_property(id: &str) -> bool {
        PROPERTIES.contains(&id)
    }
}

/// The clauses of a property.
pub fn clauses_of(property: &str) -> impl Iterator<Item = Clause> {
    Clause::ALL.iter().copied().filter(move |clause| clause.property() == property)
}

/// The kinds of lines of which clauses speak, for tests of the documentation.
pub fn kinds_in(needs: &str) -> impl Iterator<Item = Kind> {
    needs.split('`').skip(1).step_by(2).filter_map(Kind::of)
}
