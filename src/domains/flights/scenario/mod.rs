//! What scenario files can say about flights: the world, the actions of customers, outcomes and waits.

mod world;

use serde::{Deserialize, Serialize};

use super::ids::{BookingId, FlightId, FlightIds, LEGS_MAX};
use super::setup::{Flights, Setup};
use super::vendor_id::VendorId;
use super::{Action, Command, Query, Question, Rejection};
use crate::domains::past::moment;
use crate::kernel::Span;
use crate::model::{Answer, CommandOutcome, Named, Version};
use crate::scenario::{Complaints, LongWait, OutcomeLabel, Place, ScenarioDomain, WaitLabel};
use world::{check_fee, check_rates, check_vendors};

pub(crate) use world::FlightsFile;

/// What stands after `does:` and in a `mix`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Searches all flights.
    Search,
    /// Searches the flights of one vendor.
    SearchAt {
        /// The vendor.
        vendor: VendorId,
    },
    /// Searches, or looks at their own bookings, as the seed determines.
    Browse,
    /// Looks at their own bookings.
    MyBookings,
    /// Looks up any customer's booking by its number: 1 for `b-1`.
    LookUp {
        /// The number.
        booking: u32,
    },
    /// Looks up any customer's booking as of a version, as of a time, or now. By default their newest one.
    AsOf {
        /// The number: 1 for `b-1`.
        #[serde(default)]
        booking: Option<u32>,
        /// The number of events of the booking to include.
        #[serde(default)]
        version: Option<u32>,
        /// The time since the start of the run.
        #[serde(default)]
        at: Option<Span>,
    },
    /// Looks up a booking after its first event, then after the second, and so on to the last.
    History {
        /// The number: 1 for `b-1`.
        #[serde(default)]
        booking: Option<u32>,
    },
    /// Holds a seat on one flight, without paying.
    Hold {
        /// Its code.
        flight: String,
        /// Another customer of the script, to be called in an emergency.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<String>,
    },
    /// Holds a seat on each of these flights, without paying.
    HoldTrip {
        /// Their codes, in order of travel.
        flights: Vec<String>,
    },
    /// Pays for their newest booking.
    Pay,
    /// Cancels their newest booking.
    Cancel,
    /// Disputes the payment of their newest booking: their bank takes the money back until that is decided.
    Dispute,
    /// Bumps a booking, as staff at the gate, because its flight is overbooked: 1 for `b-1`.
    Bump {
        /// The number.
        booking: u32,
        /// The codes of its flights, in order of travel.
        flights: Vec<String>,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Books one flight, as the seed determines: searches, holds a seat, thinks, pays.
    Book,
    /// Books a trip: searches, holds a seat on each of these flights, thinks, pays.
    Trip {
        /// Their codes, in order of travel.
        flights: Vec<String>,
    },
    /// Buys seats directly from the vendor, without our platform.
    BuyElsewhere {
        /// The code of the flight.
        flight: String,
        /// The number of seats.
        seats: u16,
    },
}

/// What stands after `include:`, in order of appearance in a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    /// A command was rejected: there was no seat left.
    SoldOut,
    /// A command was rejected: the hold had expired.
    HoldExpired,
    /// A command was rejected for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query was answered with a row.
    Shown,
    /// A query was answered: there is no row.
    Nothing,
    /// A query was too early to show the customer's own booking.
    NotYet,
    /// A node that a query or an erasure needs did not answer.
    TryLater,
    /// The customer's personal data was erased, as requested.
    Forgotten,
    /// There was no answer.
    Silence,
}

/// What stands after `of:`: what customers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// A search.
    Search,
    /// Their own bookings.
    MyBookings,
    /// A hold of seats.
    Hold,
    /// The start of a payment.
    Purchase,
    /// A cancellation.
    Cancel,
    /// The erasure of their personal data.
    Erasure,
    /// A booking of the past.
    AsOf,
}

/// How many calls of one saga, one after another, its default quiet phase allows for.
const ATTEMPTS: u64 = 40;

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
        check_vendors(setup, &place.field("vendors"), complaints);
        check_rates(setup, &place.field("rates"), complaints);
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
        check_fee(setup, place.field("cancellation_fee"), complaints);
        for (field, span, hint) in [
            (
                "confirmation",
                setup.payment.confirmation,
                "remove it if nothing has to be confirmed",
            ),
            ("authorisation_life", setup.payment.authorisation_life, "remove it if none lapses"),
        ] {
            if let Some(span) = span {
                complaints.not_zero(payment.field(field), &span, hint);
            }
        }
        let limit = payment.field("confirmation_limit");
        complaints.not_zero(limit, &setup.payment.confirmation_limit, default);
        if complaints.count() > before {
            return None;
        }
        // A set-up needs a customer, even if none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn waits(&self) -> Vec<LongWait> {
        let setup = &self.tables.setup;
        let latency = setup.vendors.iter().map(|vendor| vendor.latency).max().unwrap_or_default();
        let wait = |field, span, times| LongWait { field, span, times };
        let dispute = setup.payment.dispute_lasts.unwrap_or_default();
        vec![
            wait("domain.hold", setup.hold, 2),
            wait("domain.hold_margin", setup.hold_margin, 1),
            wait("domain.think", setup.think, 1),
            wait("domain.saga_patience", setup.saga_patience, ATTEMPTS),
            wait("domain.vendors.latency", latency, ATTEMPTS),
            wait("domain.payment.latency", setup.payment.latency, ATTEMPTS),
            wait("domain.payment.dispute_lasts", dispute, 1),
        ]
    }

    fn resolve_among(
        &self,
        customers: &[String],
        line: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut action = self.resolve(line, place, complaints)?;
        if let (ScriptAction::Hold { contact: Some(name), .. }, Action::Hold { contact, .. }) =
            (line, &mut action)
        {
            *contact = complaints.customer(place.field("contact"), name, customers)?;
        }
        Some(action)
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let (one, all) = (place.field("flight"), place.field("flights"));
        Some(match action {
            ScriptAction::Search => Action::Search(Question::Everything),
            ScriptAction::SearchAt { vendor } => {
                let name = vendor.name();
                let Some(found) = self.vendors().iter().find(|vendor| vendor.id == name) else {
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
            ScriptAction::Hold { flight, contact: _ } => Action::Hold {
                flights: [self.find(flight, one, complaints)?].into_iter().collect(),
                contact: Named::NONE,
            },
            ScriptAction::HoldTrip { flights } => Action::Hold {
                flights: self.trip(flights, &all, complaints)?,
                contact: Named::NONE,
            },
            ScriptAction::AsOf { booking, version, at } => {
                let booking = numbered(*booking, place, complaints)?;
                Action::AsOf { booking, at: moment(*version, *at, place, complaints)? }
            }
            ScriptAction::History { booking } => {
                let booking = numbered(*booking, place, complaints)?;
                Action::History { booking, from: Version(1) }
            }
            ScriptAction::Pay => Action::Pay,
            ScriptAction::Cancel => Action::Cancel,
            ScriptAction::Dispute => Action::Dispute,
            ScriptAction::Bump { booking, flights } => {
                let number =
                    complaints.from_one(place.field("booking"), *booking, "booking", "b-1");
                let flights = self.trip(flights, &all, complaints);
                Action::Bump { booking: BookingId(number?), flights: flights? }
            }
            ScriptAction::EraseMe => Action::EraseMe,
            ScriptAction::Book => Action::Book { flights: FlightIds::new() },
            ScriptAction::Trip { flights } => {
                Action::Book { flights: self.trip(flights, &all, complaints)? }
            }
            ScriptAction::BuyElsewhere { flight, seats } => {
                let flight = self.find(flight, one, complaints)?;
                Action::SellElsewhere { flight, seats: *seats }
            }
        })
    }
}

/// A booking by its number; `Some(None)` if there is no number.
fn numbered(
    number: Option<u32>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Option<BookingId>> {
    let Some(number) = number else { return Some(None) };
    let number = complaints.from_one(place.field("booking"), number, "booking", "b-1")?;
    Some(Some(BookingId(number)))
}

impl OutcomeLabel<Flights> for Outcome {
    fn of(answer: &Answer<Flights>) -> Self {
        match answer {
            Answer::Command(_, outcome) => match outcome {
                CommandOutcome::Accepted(_) => Self::Accepted,
                CommandOutcome::Refused(Rejection::SoldOut { .. }) => Self::SoldOut,
                CommandOutcome::Refused(Rejection::HoldExpired { .. }) => Self::HoldExpired,
                CommandOutcome::Refused(_) => Self::Refused,
                CommandOutcome::Unknown => Self::Unknown,
            },
            Answer::Shown(_, Some(_)) => Self::Shown,
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::TryLater(_) => Self::TryLater,
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
                // Only sagas and staff send these.
                any_of!(Command: RecordAuthorization | StartCapture | RecordCapture | RecordTicket
                    | RecordPaymentFailure | Expire | Release | StartRefund | RecordRefund | RecordVoid
                    | RecordScheduleChange | RecordChargeback | Bump) => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => match query {
                Query::Search(_) => Some(Self::Search),
                Query::MyBookings => Some(Self::MyBookings),
                Query::Booking(_) => None,
                Query::AsOf(..) => Some(Self::AsOf),
            },
            Answer::Erased => Some(Self::Erasure),
            // A customer who gave up waiting got no answer, and "try later" is none to wait for.
            Answer::TryLater(_) | Answer::Silence => None,
        }
    }
}

impl Flights {
    /// Looks up the flights of a trip, which has 1 to 4 different ones.
    fn trip(
        &self,
        codes: &[String],
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<FlightIds> {
        if codes.is_empty() || codes.len() > LEGS_MAX {
            let hint = match codes.is_empty() {
                true => "name the flights in order of travel",
                false => "split the journey into several bookings",
            };
            let count = codes.len();
            let problem = format!("a trip has 1 to {LEGS_MAX} flights, but this one has {count}");
            complaints.add(place.clone(), problem, hint);
            return None;
        }
        let twice = (0..codes.len()).find(|&leg| codes[..leg].contains(&codes[leg]));
        if let Some(leg) = twice {
            let problem = format!("the flight `{}` appears twice", codes[leg]);
            complaints.add(place.item(leg), problem, "remove one of them");
            return None;
        }
        let find = |(leg, code): (usize, &String)| self.find(code, place.item(leg), complaints);
        let found: Vec<Option<FlightId>> = codes.iter().enumerate().map(find).collect();
        found.into_iter().collect()
    }

    /// Looks up a flight by its code.
    fn find(&self, code: &str, place: Place, complaints: &mut Complaints) -> Option<FlightId> {
        let found = self.flight_named(code);
        if found.is_none() {
            let known: Vec<&str> = self.flights().iter().map(|f| f.code.as_str()).collect();
            complaints.unknown(place, "flight", code, &known);
        }
        found.map(|flight| flight.id)
    }
}
