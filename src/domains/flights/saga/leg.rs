//! One leg of a trip at its vendor, as far as the saga knows.

use crate::domains::flights::ids::{FlightId, Locator, TicketNumber};
use crate::kernel::Span;

/// What was last asked of a leg's vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doing {
    /// To hold.
    Hold,
    /// To issue.
    Issue,
    /// To cancel.
    Cancel,
    /// To give the ticket's money back.
    Refund,
}

/// How far a leg is at its vendor, as far as the saga knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegStep {
    /// Nothing was asked yet.
    Planned,
    /// The vendor was asked and has not answered.
    Asked,
    /// The vendor did not answer: what was asked may have happened.
    Unknown,
    /// The vendor was asked what it has, and has not answered.
    Retrieving,
    /// The vendor has nothing under our reference.
    Absent,
    /// The vendor has no seat.
    Refused,
    /// The vendor holds.
    Held,
    /// The vendor does not issue.
    NotIssued,
    /// The vendor issued.
    Ticketed,
    /// The vendor does not operate the flight; if there is a ticket, it is to be given back.
    Withdrawn,
    /// The ticket is too old to be voided.
    VoidRefused,
    /// The vendor has nothing live under our reference any more.
    Cancelled,
}

/// One leg at its vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LegProgress {
    /// The flight.
    pub flight: FlightId,
    /// What was last asked.
    pub doing: Doing,
    /// What came of it.
    pub step: LegStep,
    /// How often the vendor did not answer.
    pub silences: u8,
    /// How often the vendor failed.
    pub errors: u8,
    /// How often the vendor was asked what it has.
    pub questions: u8,
    /// The vendor's name for the order.
    pub locator: Option<Locator>,
    /// The ticket.
    pub ticket: Option<TicketNumber>,
    /// The flight's times.
    pub times: Times,
}

/// What a vendor said of a flight's times, and what it was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Times {
    /// The newest change, from 1; 0 if there was none.
    pub change: u8,
    /// How much later than planned the flight leaves.
    pub later: Span,
    /// The newest change that the vendor knows we accept.
    pub accepted: u8,
    /// The change that the vendor was told we accept, and has not answered; 0 if there is none.
    pub asked: u8,
    /// How often the vendor did not answer that.
    pub silences: u8,
}

/// An order too many, to be cancelled beside everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extra {
    /// Under which leg.
    pub leg: u8,
    /// The vendor's name for it.
    pub locator: Locator,
    /// Whether the vendor was asked to cancel it, and has not answered.
    pub asked: bool,
    /// How often the vendor did not answer that.
    pub silences: u8,
}

impl LegProgress {
    pub(super) const fn planned(flight: FlightId) -> Self {
        Self {
            flight,
            doing: Doing::Hold,
            step: LegStep::Planned,
            silences: 0,
            errors: 0,
            questions: 0,
            locator: None,
            ticket: None,
            times: Times { change: 0, later: Span::ZERO, accepted: 0, asked: 0, silences: 0 },
        }
    }

    /// How often the vendor did not say what became of a request.
    pub(super) const fn doubts(&self) -> u8 {
        self.silences.saturating_add(self.errors)
    }

    /// Whether what is known of it can be out of date. Where everything under our reference is about to be
    /// cancelled anyway, nobody has to know what there is.
    pub(super) fn can_be_doubted(&self) -> bool {
        match self.step {
            LegStep::Asked
            | LegStep::Retrieving
            | LegStep::Absent
            | LegStep::Refused
            | LegStep::Held
            | LegStep::Ticketed
            | LegStep::Cancelled => true,
            LegStep::Planned
            | LegStep::Unknown
            | LegStep::NotIssued
            | LegStep::Withdrawn
            | LegStep::VoidRefused => false,
        }
    }

    /// Whether an order that may move with its flight is there, or may be.
    pub(super) fn may_travel(&self) -> bool {
        match self.step {
            LegStep::Asked
            | LegStep::Unknown
            | LegStep::Retrieving
            | LegStep::Held
            | LegStep::Ticketed => true,
            LegStep::Planned
            | LegStep::Absent
            | LegStep::Refused
            | LegStep::NotIssued
            | LegStep::Withdrawn
            | LegStep::VoidRefused
            | LegStep::Cancelled => false,
        }
    }

    /// Whether something was asked whose outcome is not known.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.step, LegStep::Asked | LegStep::Unknown | LegStep::Retrieving)
    }
}
