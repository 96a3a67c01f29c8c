//! What a line says, with values that were checked.

use std::borrow::Cow;

use super::moment::Moment;
use super::operation::Operation;
use super::row::Row;
use super::value::{Id, Wrong};
use super::vocabulary::{Field, Kind, VERSION};

/// Versions by stream.
pub(super) type Versions<'a> = Vec<(Cow<'a, str>, u32)>;
pub(super) type Texts<'a> = Vec<Cow<'a, str>>;

/// What one line says.
#[derive(Debug)]
pub(super) enum Fact<'a> {
    History {
        is_at_rest: bool,
    },
    End {
        lines: u64,
    },
    Subscription {
        consumer: Id<'a>,
        categories: Option<Texts<'a>>,
        types: Option<Texts<'a>>,
        in_order: bool,
    },
    Event(Event<'a>),
    Command {
        id: Id<'a>,
    },
    Answer(Answer<'a>),
    Outbox {
        event: Option<Ref<'a>>,
        is_sent: bool,
    },
    Publish {
        event: Ref<'a>,
        relay: Id<'a>,
    },
    Deliver {
        event: Ref<'a>,
        consumer: Id<'a>,
    },
    Apply {
        event: Ref<'a>,
        consumer: Id<'a>,
    },
    Checkpoint {
        consumer: Id<'a>,
        position: u64,
    },
    Read(Read<'a>),
    Leave {
        actor: Id<'a>,
    },
    Saga {
        saga: Id<'a>,
        state: SagaState,
    },
    Timer(Timer<'a>),
    Call {
        effect: Id<'a>,
        service: Option<Id<'a>>,
        body: Option<Cow<'a, str>>,
    },
    Payment(Payment<'a>),
    Stock {
        item: Id<'a>,
        capacity: u64,
    },
    Claim {
        what: Claimed,
        claim: Claim<'a>,
    },
    Operation(Operation<'a>),
}

/// A stored event.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) stream: Id<'a>,
    pub(super) version: u32,
    pub(super) position: Option<u64>,
    pub(super) id: Option<Id<'a>>,
    pub(super) of_type: Option<Cow<'a, str>>,
    pub(super) command: Option<Id<'a>>,
    pub(super) cause: Option<Id<'a>>,
    pub(super) correlation: Option<Id<'a>>,
    pub(super) transaction: Option<Id<'a>>,
    pub(super) category: Option<Cow<'a, str>>,
}

/// An event that another line is about.
#[derive(Debug)]
pub(super) enum Ref<'a> {
    Version(Id<'a>, u32),
    Event(Id<'a>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    Rejected,
    Unknown,
}

impl Outcome {
    pub(super) fn of(row: &mut Row<'_>) -> Result<Self, Wrong> {
        row.word(
            Field::Outcome,
            &[
                ("accepted", Self::Accepted),
                ("rejected", Self::Rejected),
                ("unknown", Self::Unknown),
            ],
        )
    }
}

#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) command: Id<'a>,
    pub(super) outcome: Outcome,
    pub(super) actor: Option<Id<'a>>,
    pub(super) wrote: Option<(Id<'a>, u32)>,
    pub(super) reason: Option<Cow<'a, str>>,
}

#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) actor: Id<'a>,
    pub(super) view: Option<Id<'a>>,
    pub(super) row: Option<Id<'a>>,
    pub(super) shows: Versions<'a>,
    /// `None` if it is not known what was asked for.
    pub(super) after: Option<Versions<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SagaState {
    Running,
    /// It had ended, and goes on because something new is asked of it.
    Reopened,
    Ended,
    HandedOver,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ticked {
    Set,
    Fired,
    Cancelled,
}

#[derive(Debug)]
pub(super) struct Timer<'a> {
    pub(super) saga: Id<'a>,
    pub(super) timer: Id<'a>,
    pub(super) did: Ticked,
    pub(super) due: Option<Moment>,
    pub(super) at: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    Authorised,
    Captured,
    Charged,
    Voided,
    Refunded,
    ChargedBack,
    DisputeWon,
}

#[derive(Debug)]
pub(super) struct Payment<'a> {
    pub(super) payment: Id<'a>,
    pub(super) did: Moved,
    /// In ten-thousandths.
    pub(super) amount: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claimed {
    Held,
    Sold,
    Released,
}

#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) item: Id<'a>,
    pub(super) holder: Id<'a>,
    pub(super) unit: Option<Id<'a>>,
    /// `None` is one that is held or sold, and all that is released.
    pub(super) quantity: Option<u64>,
    pub(super) until: Option<Moment>,
}

impl<'a> Fact<'a> {
    /// What a line of a kind says, and when it happened.
    ///
    /// # Errors
    ///
    /// When a field is missing, does not belong there, or has a value that it cannot have.
    pub(super) fn of(kind: Kind, row: &mut Row<'a>) -> Result<(Self, Option<Moment>), Wrong> {
        row.fits(kind)?;
        let at = row.time(Field::At)?;
        let fact = match kind {
            Kind::History => Self::history(row)?,
            Kind::End => Self::End { lines: row.number(Field::Lines)?.unwrap_or_default() },
            Kind::Subscription => Self::Subscription {
                consumer: row.the_id(Field::Consumer)?,
                categories: row.list(Field::Categories)?,
                types: row.list(Field::Types)?,
                in_order: row.flag(Field::InOrder)?.unwrap_or(true),
            },
            Kind::Event => Self::Event(Event::of(row)?),
            Kind::Command => Self::Command { id: row.the_id(Field::Id)? },
            Kind::Answer => Self::Answer(Answer::of(row)?),
            Kind::Outbox => {
                let is_sent = row.flag(Field::Sent)?.unwrap_or_default();
                let names_one = row.has(Field::Event) || row.has(Field::Stream);
                let event = if names_one { Some(Ref::of(row)?) } else { None };
                Self::Outbox { event, is_sent }
            }
            Kind::Publish => {
                let relay = row.id(Field::Relay)?.unwrap_or(Id::Text(RELAY.into()));
                Self::Publish { event: Ref::of(row)?, relay }
            }
            Kind::Deliver => {
                Self::Deliver { event: Ref::of(row)?, consumer: row.the_id(Field::Consumer)? }
            }
            Kind::Apply => {
                Self::Apply { event: Ref::of(row)?, consumer: row.the_id(Field::Consumer)? }
            }
            Kind::Checkpoint => Self::Checkpoint {
                consumer: row.the_id(Field::Consumer)?,
                position: row.number(Field::Position)?.unwrap_or_default(),
            },
            Kind::Read => Self::Read(Read::of(row)?),
            Kind::Leave => Self::Leave { actor: row.the_id(Field::Actor)? },
            Kind::Saga => {
                let state = row.word(
                    Field::State,
                    &[
                        ("running", SagaState::Running),
                        ("reopened", SagaState::Reopened),
                        ("ended", SagaState::Ended),
                        ("completed", SagaState::Ended),
                        ("compensated", SagaState::Ended),
                        ("handed_over", SagaState::HandedOver),
                    ],
                )?;
                Self::Saga { saga: row.the_id(Field::Saga)?, state }
            }
            Kind::Timer => {
                let did = row.word(
                    Field::Did,
                    &[("set", Ticked::Set), ("fire", Ticked::Fired), ("cancel", Ticked::Cancelled)],
                )?;
                let (saga, timer) = (row.the_id(Field::Saga)?, row.the_id(Field::Timer)?);
                Self::Timer(Timer { saga, timer, did, due: row.time(Field::Due)?, at })
            }
            Kind::Call => Self::Call {
                effect: row.the_id(Field::Effect)?,
                service: row.id(Field::Service)?,
                body: row.text(Field::Body)?,
            },
            Kind::Payment => Self::Payment(Payment::of(row)?),
            Kind::Stock => Self::Stock {
                item: row.the_id(Field::Item)?,
                capacity: row.number(Field::Capacity)?.unwrap_or_default(),
            },
            Kind::Hold => Self::Claim { what: Claimed::Held, claim: Claim::of(row)? },
            Kind::Sell => Self::Claim { what: Claimed::Sold, claim: Claim::of(row)? },
            Kind::Release => Self::Claim { what: Claimed::Released, claim: Claim::of(row)? },
            Kind::Operation => Self::Operation(Operation::of(row)?),
        };
        Ok((fact, at))
    }

    fn history(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let version = row.version(Field::Version)?.unwrap_or_default();
        if version != VERSION {
            let message = format!("the history is written in version {version} of the vocabulary");
            let hint = format!("this program reads version {VERSION}");
            return Err(Wrong::of(Field::Version, message, hint));
        }
        Ok(Self::History { is_at_rest: row.flag(Field::AtRest)?.unwrap_or(true) })
    }
}

/// The relay that publishes what no other one does.
pub(super) const RELAY: &str = "outbox";

impl<'a> Event<'a> {
    fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        Ok(Self {
            stream: row.the_id(Field::Stream)?,
            version: row.version(Field::Version)?.unwrap_or_default(),
            position: row.number(Field::Position)?,
            id: row.id(Field::Id)?,
            of_type: row.text(Field::Type)?,
            command: row.id(Field::Command)?,
            cause: row.id(Field::Cause)?,
            correlation: row.id(Field::Correlation)?,
            transaction: row.id(Field::Transaction)?,
            category: row.text(Field::Category)?,
        })
    }
}

impl<'a> Ref<'a> {
    fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let (event, stream) = (row.id(Field::Event)?, row.id(Field::Stream)?);
        match (event, stream, row.version(Field::Version)?) {
            (Some(event), None, None) => Ok(Self::Event(event)),
            (_, Some(stream), Some(version)) => Ok(Self::Version(stream, version)),
            _ => Err(Wrong::of_line(
                "the line does not say which event it is about",
                "add `event`, the id of the event, or `stream` and `version`",
            )),
        }
    }
}

impl<'a> Answer<'a> {
    fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let outcome = Outcome::of(row)?;
        let (stream, version) = (row.id(Field::Stream)?, row.version(Field::Version)?);
        Ok(Self {
            command: row.the_id(Field::Command)?,
            outcome,
            actor: row.id(Field::Actor)?,
            wrote: stream.zip(version),
            reason: row.text(Field::Reason)?,
        })
    }
}

impl<'a> Read<'a> {
    fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let mut shows = row.versions(Field::Shows)?;
        let (stream, version) = (row.id(Field::Stream)?, row.version(Field::Version)?);
        match (stream, version) {
            (Some(stream), Some(version)) => {
                let stream = match stream {
                    Id::Text(text) => text,
                    Id::Number(number) => number.to_string().into(),
                };
                shows.get_or_insert_default().push((stream, version));
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                let hint = "write both, or `shows`";
                return Err(Wrong::of_line("`stream` and `version` belong together", hint));
            }
        }
        let shows = shows.ok_or_else(|| {
            let hint = "add `shows`, like {\"order-7\": 3}, or `stream` and `version`";
            Wrong::of_line("the line does not say which versions were shown", hint)
        })?;
        Ok(Self {
            actor: row.the_id(Field::Actor)?,
            view: row.id(Field::View)?,
            row: row.id(Field::Row)?,
            shows,
            after: row.versions(Field::After)?,
        })
    }
}

impl<'a> Payment<'a> {
    fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let did = row.word(
            Field::Did,
            &[
                ("authorise", Moved::Authorised),
                ("authorize", Moved::Authorised),
                ("capture", Moved::Captured),
                ("charge", Moved::Charged),
                ("void", Moved::Voided),
                ("refund", Moved::Refunded),
                ("chargeback", Moved::ChargedBack),
                ("dispute_won", Moved::DisputeWon),
            ],
        )?;
        let amount = row.amount(Field::Amount)?;
        Ok(Self { payment: row.the_id(Field::Payment)?, did, amount })
    }
}

impl<'a> Claim<'a> {
    fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let quantity = row.number(Field::Quantity)?;
        if quantity == Some(0) {
            let hint = "leave the line out if nothing is held";
            return Err(Wrong::of(Field::Quantity, "`quantity` must be greater than zero", hint));
        }
        Ok(Self {
            item: row.the_id(Field::Item)?,
            holder: row.the_id(Field::Holder)?,
            unit: row.id(Field::Unit)?,
            quantity,
            until: row.time(Field::Until)?,
        })
    }
}
