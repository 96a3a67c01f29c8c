//! What scenario files can say about flights: vendors and fares, what customers do, what they are told.
//!
//! This is the one place where the defaults of the domain's set-up are written down.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ids::{FlightIds, LEGS_MAX};
use super::money::{Currency, Money, MoneyError};
use super::setup::{FlightSetup, Flights, PaymentSetup, Setup, VendorSetup};
use super::vendors::Dialect;
use super::{Action, Command, Query, Question, Rejection};
use crate::kernel::Span;
use crate::platform::{Answer, Verdict};
use crate::scenario::{Complaints, Place, ScenarioDomain};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FlightsFile {
    /// Plane tickets from several vendors.
    Flights {
        /// Who flies. Nobody by default.
        #[serde(default)]
        vendors: Vec<VendorFile>,
        /// How long a booking keeps its seats without being paid for. 15 minutes by default.
        #[serde(default = "hold")]
        hold: Span,
        /// How much longer a vendor keeps an unpaid order. 5 minutes by default.
        #[serde(default = "hold_margin")]
        hold_margin: Span,
        /// How long the saga waits for a vendor or the provider. `2.5s` by default.
        #[serde(default = "saga_patience")]
        saga_patience: Span,
        /// How long a customer thinks between holding and paying. `2s` by default.
        #[serde(default = "think")]
        think: Span,
        /// Who moves the money.
        #[serde(default)]
        payment: PaymentFile,
    },
}

fn hold() -> Span {
    Setup::default().hold
}

fn hold_margin() -> Span {
    Setup::default().hold_margin
}

fn saga_patience() -> Span {
    Setup::default().saga_patience
}

fn think() -> Span {
    Setup::default().think
}

/// One vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Vendor", deny_unknown_fields)]
pub struct VendorFile {
    /// Its short name. Required.
    pub id: VendorId,
    /// Through which system it is reached; that says which airline it is. Required.
    pub gds: Gds,
    /// What it flies. Nothing by default.
    #[serde(default)]
    pub flights: Vec<FlightFile>,
    /// How long it takes to answer, at least. `120ms` by default.
    #[serde(default = "vendor_latency")]
    pub latency: Span,
}

fn vendor_latency() -> Span {
    VendorSetup::new("", Dialect::Ndc).latency
}

/// A vendor's short name: a word, so that it reads like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are only numbered")]
pub enum VendorId {
    V1,
    V2,
    V3,
    V4,
    V5,
    V6,
    V7,
    V8,
    V9,
}

/// A reservation system, with the airline behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gds {
    /// Iberia.
    Ndc,
    /// Lufthansa.
    Amadeus,
    /// Delta.
    Sabre,
}

/// One flight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Flight", deny_unknown_fields)]
pub struct FlightFile {
    /// Its code, as in `"IB6251"`. Required.
    pub id: String,
    /// How many seats we believe we can sell. Required.
    pub seats: u16,
    /// What one seat costs, as in `"420.00 EUR"`. Required.
    #[serde(serialize_with = "write_money", deserialize_with = "read_money")]
    pub fare: Money,
    /// How many seats the vendor really has. As many as we believe by default.
    #[serde(default)]
    pub really: Option<u16>,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentFile {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// It declines more than this, as in `"500.00 EUR"`. It never declines by default.
    #[serde(serialize_with = "write_limit", deserialize_with = "read_limit")]
    pub limit: Option<Money>,
}

impl Default for PaymentFile {
    fn default() -> Self {
        Self { latency: PaymentSetup::default().latency, limit: None }
    }
}

fn write_money<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(money)
}

fn read_money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    parse_money(&String::deserialize(deserializer)?)
}

/// What stands behind the semicolon of a message is shown as the hint.
fn parse_money<E: de::Error>(text: &str) -> Result<Money, E> {
    text.parse().map_err(|error| match &error {
        MoneyError::Decimals { decimals: 0, .. } => {
            E::custom(format!("{error}; drop the decimals"))
        }
        MoneyError::Decimals { currency, decimals, .. } => {
            let zeros = "0".repeat(*decimals as usize);
            E::custom(format!("{error}; write it like \"420.{zeros} {currency}\""))
        }
        MoneyError::Overflow(_) => E::custom(format!("{error}; fares are smaller")),
        MoneyError::Malformed(_)
        | MoneyError::NoCurrency(_)
        | MoneyError::UnknownCurrency(_)
        | MoneyError::Negative(_) => E::custom(error),
    })
}

fn write_limit<S: Serializer>(limit: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    limit.map(|limit| limit.to_string()).serialize(serializer)
}

fn read_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_money(&text)).transpose()
}

/// What stands after `does:` and in a `mix`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Deed {
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
pub enum Told {
    /// A command took effect.
    Accepted,
    /// A command was refused: there was no seat left.
    SoldOut,
    /// A command was refused: the hold had run out.
    HoldExpired,
    /// A command was refused for another reason.
    Refused,
    /// Nobody could say whether a command took effect.
    Unknown,
    /// A query was answered with what there is.
    Shown,
    /// A query was answered: there is nothing.
    Nothing,
    /// A query came too early to show the customer their own booking.
    NotYet,
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
}

impl ScenarioDomain for Flights {
    type Setup = FlightsFile;
    type Line = Deed;
    type Outcome = Told;
    type Measure = Wait;

    fn build(
        setup: &FlightsFile,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let FlightsFile::Flights { vendors, hold, hold_margin, saga_patience, think, payment } =
            setup;
        let before = complaints.count();
        check_vendors(vendors, &place.field("vendors"), complaints);
        for (name, span) in [("hold", hold), ("saga_patience", saga_patience)] {
            if *span == Span::ZERO {
                complaints.add(
                    place.field(name),
                    "this must last longer than nothing",
                    "say how long, or leave it out to have the default",
                );
            }
        }
        let currency = vendors.iter().flat_map(|vendor| &vendor.flights).next();
        let currency = currency.map(|flight| flight.fare.currency);
        if let (Some(limit), Some(currency)) = (payment.limit, currency)
            && limit.currency != currency
        {
            complaints.add(
                place.field("payment").field("limit"),
                format!("this is in {}, but the fares are in {currency}", limit.currency),
                format!("write the limit in {currency}"),
            );
        }
        if complaints.count() > before {
            return None;
        }
        let setup = Setup {
            // A world without customers is set up for one who never comes.
            customers: customers.max(1),
            vendors: vendors.iter().map(VendorFile::setup).collect(),
            hold: *hold,
            hold_margin: *hold_margin,
            saga_patience: *saga_patience,
            think: *think,
            payment: PaymentSetup {
                latency: payment.latency,
                limit: payment.limit.map(|limit| limit.minor),
            },
        };
        match Self::new(setup) {
            Ok(flights) => Some(flights),
            Err(error) => {
                complaints.add(place.clone(), error.to_string(), "change the set-up");
                None
            }
        }
    }

    fn resolve(&self, deed: &Deed, place: &Place, complaints: &mut Complaints) -> Option<Action> {
        let one = place.field("flight");
        let all = place.field("flights");
        Some(match deed {
            Deed::Search => Action::Search(Question::Everything),
            Deed::SearchAt { vendor } => {
                let name = vendor.name();
                let Some(found) = self.vendor_named(name) else {
                    let known: Vec<&str> =
                        self.vendors().iter().map(|vendor| vendor.id.as_str()).collect();
                    complaints.unknown(place.field("vendor"), "vendor", name, &known);
                    return None;
                };
                Action::Search(Question::Of(found.service))
            }
            Deed::Browse => Action::Browse,
            Deed::MyBookings => Action::MyBookings,
            Deed::Hold { flight } => {
                Action::Hold { flights: self.find(&[flight], |_| one.clone(), complaints)? }
            }
            Deed::HoldTrip { flights } => {
                Action::Hold { flights: self.trip(flights, &all, complaints)? }
            }
            Deed::Pay => Action::Pay,
            Deed::Cancel => Action::Cancel,
            Deed::Book => Action::Book { flights: FlightIds::new() },
            Deed::Trip { flights } => {
                Action::Book { flights: self.trip(flights, &all, complaints)? }
            }
            Deed::BuyElsewhere { flight, seats } => {
                let flights = self.find(&[flight], |_| one.clone(), complaints)?;
                Action::SellElsewhere { flight: flights[0], seats: *seats }
            }
        })
    }

    fn outcome(answer: &Answer<Self>) -> Told {
        match answer {
            Answer::Command(_, Verdict::Accepted(_)) => Told::Accepted,
            Answer::Command(_, Verdict::Refused(Rejection::SoldOut { .. })) => Told::SoldOut,
            Answer::Command(_, Verdict::Refused(Rejection::HoldExpired { .. })) => {
                Told::HoldExpired
            }
            Answer::Command(_, Verdict::Refused(_)) => Told::Refused,
            Answer::Command(_, Verdict::Unknown) => Told::Unknown,
            Answer::Shown(_, Some(_)) => Told::Shown,
            Answer::Shown(_, None) => Told::Nothing,
            Answer::NotYet(_) => Told::NotYet,
            Answer::Silence => Told::Silence,
        }
    }

    fn measure(answer: &Answer<Self>) -> Option<Wait> {
        match answer {
            Answer::Command(command, _) => match command {
                Command::HoldSeat { .. } => Some(Wait::Hold),
                Command::RequestPayment { .. } => Some(Wait::Purchase),
                Command::Cancel { .. } => Some(Wait::Cancel),
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
                | Command::RecordVoid { .. } => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => match query {
                Query::Search(_) => Some(Wait::Search),
                Query::MyBookings => Some(Wait::MyBookings),
            },
            // Whoever gave up waiting was not answered.
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

impl VendorId {
    const fn name(self) -> &'static str {
        match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
            Self::V5 => "V5",
            Self::V6 => "V6",
            Self::V7 => "V7",
            Self::V8 => "V8",
            Self::V9 => "V9",
        }
    }
}

impl VendorFile {
    fn setup(&self) -> VendorSetup {
        let flights = self.flights.iter().map(|flight| FlightSetup {
            id: flight.id.clone(),
            seats: flight.seats,
            fare: flight.fare,
            really: flight.really,
        });
        VendorSetup {
            id: self.id.name().to_owned(),
            gds: match self.gds {
                Gds::Ndc => Dialect::Ndc,
                Gds::Amadeus => Dialect::Amadeus,
                Gds::Sabre => Dialect::Sabre,
            },
            flights: flights.collect(),
            latency: self.latency,
        }
    }
}

/// Everything that can be wrong with vendors and their flights, each at its own place.
fn check_vendors(vendors: &[VendorFile], place: &Place, complaints: &mut Complaints) {
    let mut ids = BTreeSet::new();
    let mut codes = BTreeSet::new();
    let mut currency: Option<(Currency, &str)> = None;
    for (index, vendor) in vendors.iter().enumerate() {
        let here = place.item(index);
        if !ids.insert(vendor.id) {
            complaints.add(
                here.field("id"),
                format!("there are two vendors called {:?}", vendor.id),
                "give each its own: V1 to V9",
            );
        }
        for (index, flight) in vendor.flights.iter().enumerate() {
            let here = here.field("flights").item(index);
            complaints.unprintable(here.field("id"), &flight.id);
            if flight.id.trim().is_empty() {
                complaints.add(here.field("id"), "this flight has no code", "like \"IB6251\"");
            } else if !codes.insert(flight.id.as_str()) {
                complaints.add(
                    here.field("id"),
                    format!("there are two flights called `{}`", flight.id),
                    "give each its own code, also across vendors",
                );
            }
            if flight.seats == 0 {
                complaints.add(
                    here.field("seats"),
                    "a flight without seats cannot be sold",
                    "leave the flight out, or say `seats: 1, really: 0` if only we believe in one",
                );
            }
            if flight.fare.is_zero() {
                complaints.add(
                    here.field("fare"),
                    "this seat costs nothing",
                    "there must be something to pay for",
                );
            }
            let (first, of) = *currency.get_or_insert((flight.fare.currency, &flight.id));
            if flight.fare.currency != first {
                complaints.add(
                    here.field("fare"),
                    format!(
                        "this fare is in {}, but that of `{of}` is in {first}",
                        flight.fare.currency
                    ),
                    "a trip is paid in one currency, and nothing here converts them",
                );
            }
        }
    }
}

/// Whether a trip has as many legs as one may have, each another.
fn check_trip(flights: &[String], place: &Place, complaints: &mut Complaints) -> Option<()> {
    if flights.is_empty() || flights.len() > LEGS_MAX {
        complaints.add(
            place.clone(),
            format!("a trip has 1 to {LEGS_MAX} legs, and this one has {}", flights.len()),
            if flights.is_empty() {
                "name its flights, in order of travel"
            } else {
                "longer journeys are several bookings"
            },
        );
        return None;
    }
    let mut seen = BTreeSet::new();
    let twice = flights.iter().enumerate().find(|(_, code)| !seen.insert(code.as_str()));
    match twice {
        None => Some(()),
        Some((leg, code)) => {
            complaints.add(
                place.item(leg),
                format!("`{code}` is in this trip twice"),
                "a trip takes each flight once",
            );
            None
        }
    }
}
