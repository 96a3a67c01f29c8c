//! What scenario files can say about flights: the world, what customers do, what they are told.

mod world;

use crate::collections::SortedSet;

use serde::{Deserialize, Serialize};

use super::ids::{BookingId, FlightIds, LEGS_MAX};
use super::setup::{Flights, Setup};
use super::{Action, Command, Query, Question, Rejection};
use crate::model::{Answer, CommandOutcome};
use crate::scenario::{Complaints, OutcomeLabel, Place, ScenarioDomain, WaitLabel};
use world::check_vendors;

pub(crate) use world::{FlightsFile, VendorId};
pub(super) use world::{read_id, write_id};

/// What stands after `does:` and in a `mix`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Asks what all vendors fly.
    Search,
    /// Asks what one vendor flies.
    SearchAt {
        /// Which.
        vendor: VendorId,
    },
    /// Searches, or looks at their own bookings, as the seed says.
    Browse,
    /// Looks at their own bookings.
    MyBookings,
    /// Looks up any customer's booking by its number: 1 for `b-1`.
    LookUp {
        /// Which.
        booking: u32,
    },
    /// Holds a seat on one flight, without paying.
    Hold {
        /// Which.
        flight: String,
    },
    /// Holds a seat on each of these flights, without paying.
    HoldTrip {
        /// Which, in order of travel.
        flights: Vec<String>,
    },
    /// Pays for their newest booking.
    Pay,
    /// Cancels their newest booking.
    Cancel,
    /// Asks to be forgotten.
    EraseMe,
    /// Books one flight, whichever the seed says: searches, holds a seat, thinks, pays.
    Book,
    /// Books a trip: searches, holds a seat on each of these flights, thinks, pays.
    Trip {
        /// Which, in order of travel.
        flights: Vec<String>,
    },
    /// Buys seats from the vendor directly, beside the platform.
    BuyElsewhere {
        /// On which flight.
        flight: String,
        /// How many.
        seats: u16,
    },
}

/// What stands after `include:`, in order of appearance in a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    /// A command was refused: there was no seat left.
    SoldOut,
    /// A command was refused: the hold had run out.
    HoldExpired,
    /// A command was refused for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query was answered with what there is.
    Shown,
    /// A query was answered: there is nothing.
    Nothing,
    /// A query came too early to show the customer their own booking.
    NotYet,
    /// They were forgotten, as they had asked.
    Forgotten,
    /// Nothing came back.
    Silence,
}

/// What stands after `of:`: what customers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// What the vendors fly.
    Search,
    /// Their own bookings.
    MyBookings,
    /// That their seats are held.
    Hold,
    /// That their payment is under way.
    Purchase,
    /// That their booking is cancelled.
    Cancel,
    /// That they are forgotten.
    Erasure,
}

impl ScenarioDomain for Flights {
    const TEMPLATE: Option<&'static str> = Some(include_str!("../template.ron"));

    type Setup = FlightsFile;
    type ScriptAction = ScriptAction;
    type Outcome = Outcome;
    type Wait = Wait;
    type Properties = crate::check::Upcast<super::properties::FlightsProperties>;

    fn build(
        setup: &FlightsFile,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let FlightsFile::Flights(setup) = setup;
        let before = complaints.count();
        check_vendors(&setup.vendors, &place.field("vendors"), complaints);
        let (default, payment) = ("remove it to use the default", place.field("payment"));
        complaints.not_zero(place.field("hold"), &setup.hold, default);
        complaints.not_zero(place.field("saga_patience"), &setup.saga_patience, default);
        complaints.not_zero(payment.field("key_life"), &setup.payment.key_life, default);
        let currency = setup.vendors.iter().flat_map(|vendor| &vendor.flights).next();
        let currency = currency.map(|flight| flight.fare.currency);
        if let (Some(limit), Some(currency)) = (setup.payment.limit, currency) {
            let place = payment.field("limit");
            currency.must_be_of(limit, "limit", "the fares are", place, complaints);
        }
        if complaints.count() > before {
            return None;
        }
        // A set-up needs a customer, even where none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let one = place.field("flight");
        let all = place.field("flights");
        Some(match action {
            ScriptAction::Search => Action::Search(Question::Everything),
            ScriptAction::SearchAt { vendor } => {
                let name = vendor.name();
                let Some(found) = self.vendor_named(name) else {
                    let known: Vec<&str> =
                        self.vendors().iter().map(|vendor| vendor.id.as_str()).collect();
                    complaints.unknown(place.field("vendor"), "vendor", name, &known);
                    return None;
                };
                Action::Search(Question::Of(found.service))
            }
            ScriptAction::Browse => Action::Browse,
            ScriptAction::MyBookings => Action::MyBookings,
            ScriptAction::LookUp { booking } => {
                let place = place.field("booking");
                Action::LookUp(BookingId(complaints.from_one(place, *booking, "booking", "b-1")?))
            }
            ScriptAction::Hold { flight } => {
                Action::Hold { flights: self.find(&[flight], |_| one.clone(), complaints)? }
            }
            ScriptAction::HoldTrip { flights } => {
                Action::Hold { flights: self.trip(flights, &all, complaints)? }
            }
            ScriptAction::Pay => Action::Pay,
            ScriptAction::Cancel => Action::Cancel,
            ScriptAction::EraseMe => Action::EraseMe,
            ScriptAction::Book => Action::Book { flights: FlightIds::new() },
            ScriptAction::Trip { flights } => {
                Action::Book { flights: self.trip(flights, &all, complaints)? }
            }
            ScriptAction::BuyElsewhere { flight, seats } => {
                let flights = self.find(&[flight], |_| one.clone(), complaints)?;
                Action::SellElsewhere { flight: flights[0], seats: *seats }
            }
        })
    }
}

impl OutcomeLabel<Flights> for Outcome {
    fn of(answer: &Answer<Flights>) -> Self {
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => Self::Accepted,
            Answer::Command(_, CommandOutcome::Refused(Rejection::SoldOut { .. })) => Self::SoldOut,
            Answer::Command(_, CommandOutcome::Refused(Rejection::HoldExpired { .. })) => {
                Self::HoldExpired
            }
            Answer::Command(_, CommandOutcome::Refused(_)) => Self::Refused,
            Answer::Command(_, CommandOutcome::Unknown) => Self::Unknown,
            Answer::Shown(_, Some(_)) => Self::Shown,
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

impl WaitLabel<Flights> for Wait {
    fn of(answer: &Answer<Flights>) -> Option<Self> {
        match answer {
            Answer::Command(command, _) => match command {
                Command::HoldSeat { .. } => Some(Self::Hold),
                Command::RequestPayment { .. } => Some(Self::Purchase),
                Command::Cancel { .. } => Some(Self::Cancel),
                // Only sagas send these.
                Command::RecordAuthorization { .. }
                | Command::StartCapture { .. }
                | Command::RecordCapture { .. }
                | Command::RecordTicket { .. }
                | Command::RecordPaymentFailure { .. }
                | Command::Expire { .. }
                | Command::Release { .. }
                | Command::StartRefund { .. }
                | Command::RecordRefund { .. }
                | Command::RecordVoid { .. }
                | Command::RecordScheduleChange { .. } => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => match query {
                Query::Search(_) => Some(Self::Search),
                Query::MyBookings => Some(Self::MyBookings),
                Query::Booking(_) => None,
            },
            Answer::Erased => Some(Self::Erasure),
            // A customer who gave up waiting got no answer.
            Answer::Silence => None,
        }
    }
}

impl Flights {
    /// Looks up the flights of a trip.
    fn trip(
        &self,
        codes: &[String],
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<FlightIds> {
        check_trip(codes, place, complaints)?;
        self.find(&codes.iter().collect::<Vec<_>>(), |leg| place.item(leg), complaints)
    }

    /// Looks flights up by their codes; `place` says where the code of each leg stands.
    fn find(
        &self,
        codes: &[&String],
        place: impl Fn(usize) -> Place,
        complaints: &mut Complaints,
    ) -> Option<FlightIds> {
        let mut found = FlightIds::new();
        for (leg, code) in codes.iter().enumerate() {
            match self.flight_named(code) {
                Some(flight) => found.push(flight.id),
                None => {
                    let known: Vec<&str> =
                        self.flights().iter().map(|flight| flight.code.as_str()).collect();
                    complaints.unknown(place(leg), "flight", code, &known);
                }
            }
        }
        (found.len() == codes.len()).then_some(found)
    }
}

/// Whether a trip has as many legs as one may have, each another.
fn check_trip(flights: &[String], place: &Place, complaints: &mut Complaints) -> Option<()> {
    if flights.is_empty() || flights.len() > LEGS_MAX {
        complaints.add(
            place.clone(),
            format!("a trip has 1 to {LEGS_MAX} flights, but this one has {}", flights.len()),
            if flights.is_empty() {
                "name the flights in order of travel"
            } else {
                "split the journey into several bookings"
            },
        );
        return None;
    }
    let mut seen = SortedSet::new();
    let twice = flights.iter().enumerate().find(|(_, code)| !seen.insert(code.as_str()));
    match twice {
        None => Some(()),
        Some((leg, code)) => {
            complaints.add(
                place.item(leg),
                format!("the flight `{code}` appears twice"),
                "remove one of them",
            );
            None
        }
    }
}
