//! One leg of a trip at its vendor, as far as the saga knows.

use crate::domains::flights::ids::{FlightId, Locator, TicketNumber};
use crate::kernel::Span;
use crate::saga::Absence;

/// What was last asked of a leg's vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doing {
    Hold,
    Issue,
    Cancel,
    Refund,
}

/// The state of a leg at its vendor, as far as the saga knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegStep {
    /// Nothing was asked yet.
    Planned,
    /// The vendor was asked and has not answered.
    Asked,
    /// The vendor did not answer; the request may have taken effect.
    Unknown,
    /// The vendor was asked what it has, and has not answered.
    Retrieving,
    /// The vendor has nothing under our reference.
    Absent,
    /// The vendor has no seat.
    Refused,
    /// The vendor holds a seat.
    Held,
    /// The vendor does not issue the ticket.
    NotIssued,
    /// The vendor issued the ticket.
    Ticketed,
    /// The vendor does not operate the flight; a ticket is to be given back.
    Withdrawn,
    /// The ticket is too old to be voided.
    VoidRefused,
    /// The vendor has nothing live under our reference any more.
    Cancelled,
}

/// One leg at its vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LegProgress {
    pub flight: FlightId,
    pub doing: Doing,
    pub step: LegStep,
    /// How often the vendor did not answer.
    pub silences: u8,
    /// How often the vendor failed.
    pub errors: u8,
    /// How often the vendor was asked what it has.
    pub questions: u8,
    /// That it found nothing.
    pub absence: Absence,
    /// The vendor's name for the order.
    pub locator: Option<Locator>,
    pub ticket: Option<TicketNumber>,
    pub times: Times,
}

/// The changes of a flight's times, and our acceptance of them. Changes count from 1; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Times {
    /// The newest change.
    pub change: u8,
    /// The delay since the original times.
    pub later: Span,
    /// The newest change that we accepted, as the vendor confirmed.
    pub accepted: u8,
    /// The change that we accepted and the vendor has not confirmed.
    pub asked: u8,
    /// How often the vendor did not confirm.
    pub silences: u8,
}

/// A duplicate order, which is cancelled while everything else goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extra {
    pub leg: u8,
    pub locator: Locator,
    /// The vendor was asked to cancel it, and has not answered.
    pub asked: bool,
    /// How often the vendor did not answer.
    pub silences: u8,
}

impl LegProgress {
    pub(super) fn planned(flight: FlightId) -> Self {
        Self {
            flight,
            doing: Doing::Hold,
            step: LegStep::Planned,
            silences: 0,
            errors: 0,
            questions: 0,
            absence: Absence::default(),
            locator: None,
            ticket: None,
            times: Times::default(),
        }
    }

    pub(super) fn ask(&mut self, doing: Doing) {
        (self.doing, self.step) = (doing, LegStep::Asked);
        self.absence.forget();
    }

    /// How often the vendor did not say what became of a request.
    pub(super) const fn doubts(&self) -> u8 {
        self.silences.saturating_add(self.errors)
    }

    /// Whether what is known of it can be out of date. If everything under our reference is about to be
    /// cancelled, it does not matter what there is.
    pub(super) fn can_be_doubted(&self) -> bool {
        use LegStep::*;
        match self.step {
            Asked | Retrieving | Absent | Refused | Held | Ticketed | Cancelled => true,
            Planned | Unknown | NotIssued | Withdrawn | VoidRefused => false,
        }
    }

    /// Whether there is, or may be, an order that follows the times of its flight.
    pub(super) fn may_travel(&self) -> bool {
        use LegStep::*;
        match self.step {
            Asked | Unknown | Retrieving | Held | Ticketed => true,
            Planned | Absent | Refused | NotIssued | Withdrawn | VoidRefused | Cancelled => false,
        }
    }

    /// Whether the vendor was asked for something with an unknown outcome.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.step, LegStep::Asked | LegStep::Unknown | LegStep::Retrieving)
    }

    /// Whether nothing of it is left at the vendor.
    pub(super) fn is_undone(&self) -> bool {
        use LegStep::*;
        match self.step {
            Planned | Absent | Refused | Cancelled => true,
            Asked | Unknown | Retrieving | Held | NotIssued | Ticketed | Withdrawn
            | VoidRefused => false,
        }
    }
}
