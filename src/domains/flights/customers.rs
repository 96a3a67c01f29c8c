//! What customers want, ask and remember.

use super::command::Command;
use super::ids::{BookingId, FlightId, FlightIds};
use super::setup::Flights;
use super::vendors::{Offer, VendorRequest};
use super::views::Row;
use super::{Query, Request};
use crate::model::{Answer, Ask, CommandOutcome, CustomerId, ServiceId};

/// What a customer can be scripted or drawn to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Looks for flights.
    Search(Question),
    /// Holds a seat on each of these flights.
    Hold {
        /// Which.
        flights: FlightIds,
    },
    /// Pays for the booking held last.
    Pay,
    /// Cancels the booking held last.
    Cancel,
    /// Asks to be forgotten.
    EraseMe,
    /// Looks at their bookings.
    MyBookings,
    /// Looks a booking up by its number.
    LookUp(BookingId),
    /// Searches, holds, thinks and pays. Without flights, one that has seats left is picked by luck.
    Book {
        /// Which; none to leave it to luck.
        flights: FlightIds,
    },
    /// Searches for something, or looks at their bookings, by luck.
    Browse,
    /// Buys seats from a vendor beside us.
    SellElsewhere {
        /// On which flight.
        flight: FlightId,
        /// How many.
        seats: u16,
    },
    /// Pays for a certain booking: the end of a [`Book`](Self::Book).
    PayFor(BookingId),
}

/// What a search is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Every flight of every vendor.
    Everything,
    /// The flights of one vendor.
    Of(ServiceId),
}

/// What one customer remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// How many bookings they have begun.
    begun: u32,
    /// The booking begun last, and its flights.
    last: Option<(BookingId, FlightIds)>,
    /// Trips to be held once a search shows what there is.
    wishes: Vec<Wish>,
    /// Bookings to be paid for once they are held.
    to_pay: Vec<BookingId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    flights: FlightIds,
    random: u64,
}

impl Question {
    /// The number under which the answer is cached.
    pub const fn number(self) -> u32 {
        match self {
            Self::Everything => 0,
            Self::Of(service) => 1 + service.0 as u32,
        }
    }

    /// The question with a number.
    pub const fn numbered(number: u32) -> Self {
        match number {
            0 => Self::Everything,
            more => Self::Of(ServiceId((more - 1) as u8)),
        }
    }

    /// Whom to ask.
    pub fn services(self, flights: &Flights) -> Vec<ServiceId> {
        match self {
            Self::Everything => flights.vendors().iter().map(|vendor| vendor.service).collect(),
            Self::Of(service) => vec![service],
        }
    }
}

/// What a customer does to carry out an action.
pub(super) fn act(
    flights: &Flights,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Vec<Ask<Flights>> {
    match action {
        Action::Search(question) => vec![Ask::Query(Query::Search(*question))],
        Action::Hold { flights: wanted } => hold(flights, who, memory, wanted.clone(), false),
        Action::Pay => match &memory.last {
            Some((booking, _)) => pay(*booking),
            None => Vec::new(),
        },
        Action::PayFor(booking) => pay(*booking),
        Action::Cancel => match memory.last.clone() {
            Some((booking, flights)) => vec![Ask::Command(Command::Cancel { booking, flights })],
            None => Vec::new(),
        },
        Action::EraseMe => vec![Ask::Erase],
        Action::MyBookings => vec![Ask::Query(Query::MyBookings)],
        Action::LookUp(booking) => vec![Ask::Query(Query::Booking(*booking))],
        Action::Book { flights } => {
            memory.wishes.push(Wish { flights: flights.clone(), random });
            vec![Ask::Query(Query::Search(Question::Everything))]
        }
        Action::Browse => {
            // Mostly they browse for flights, and now and then through their own bookings.
            let questions = flights.vendors().len() as u64 + 1;
            let query = match random % (questions + 1) {
                own if own == questions => Query::MyBookings,
                question => Query::Search(Question::numbered(question as u32)),
            };
            vec![Ask::Query(query)]
        }
        Action::SellElsewhere { flight, seats } => {
            let vendor = flights.flight(*flight).vendor;
            let request = VendorRequest::SellElsewhere { flight: *flight, seats: *seats };
            vec![Ask::Outside(vendor, Request::Vendor(request))]
        }
    }
}

/// What a customer does after being told something.
pub(super) fn on_answer(
    flights: &Flights,
    who: CustomerId,
    memory: &mut ClientState,
    answer: &Answer<Flights>,
) -> Vec<Ask<Flights>> {
    match answer {
        Answer::Shown(Query::Search(_), row) => match memory.wishes.pop() {
            Some(wish) => {
                let offers = match row {
                    Some(Row::Offers(offers)) => &offers[..],
                    Some(_) | None => &[],
                };
                let picked = pick(wish, offers);
                if picked.is_empty() {
                    return Vec::new();
                }
                hold(flights, who, memory, picked, true)
            }
            None => Vec::new(),
        },
        Answer::Command(Command::HoldSeat { booking, .. }, verdict) => {
            let Some(place) = memory.to_pay.iter().position(|wanted| wanted == booking) else {
                return Vec::new();
            };
            match verdict {
                CommandOutcome::Accepted(_) => {
                    memory.to_pay.swap_remove(place);
                    vec![Ask::Later(flights.tables.think, Action::PayFor(*booking))]
                }
                CommandOutcome::Refused(_) => {
                    memory.to_pay.swap_remove(place);
                    Vec::new()
                }
                // Perhaps it is held, perhaps not: they look before they do anything about it.
                CommandOutcome::Unknown => vec![Ask::Query(Query::MyBookings)],
            }
        }
        Answer::Shown(Query::MyBookings, Some(Row::CustomerBookings(row))) => {
            let found = |booking: &BookingId| row.lines.iter().any(|line| line.booking == *booking);
            let (held, unseen) = std::mem::take(&mut memory.to_pay).into_iter().partition(found);
            memory.to_pay = unseen;
            let held: Vec<BookingId> = held;
            held.into_iter()
                .map(|booking| Ask::Later(flights.tables.think, Action::PayFor(booking)))
                .collect()
        }
        Answer::Shown(Query::MyBookings | Query::Booking(_), _)
        | Answer::Command(..)
        | Answer::NotYet(_)
        | Answer::Erased
        | Answer::Silence => Vec::new(),
    }
}

/// The flights that a wish comes down to, given what there is.
fn pick(wish: Wish, offers: &[Offer]) -> FlightIds {
    if !wish.flights.is_empty() {
        return wish.flights;
    }
    let left: Vec<FlightId> =
        offers.iter().filter(|offer| offer.left > 0).map(|offer| offer.flight).collect();
    let count = left.len() as u64;
    let random = wish.random.checked_rem(count);
    random.map(|nth| left[nth as usize]).into_iter().collect()
}

fn hold(
    flights: &Flights,
    who: CustomerId,
    memory: &mut ClientState,
    wanted: FlightIds,
    then_pay: bool,
) -> Vec<Ask<Flights>> {
    let Some(booking) = flights.booking_of(who, memory.begun) else { return Vec::new() };
    memory.begun += 1;
    memory.last = Some((booking, wanted.clone()));
    if then_pay {
        memory.to_pay.push(booking);
    }
    vec![Ask::Command(Command::HoldSeat { booking, customer: who, flights: wanted })]
}

fn pay(booking: BookingId) -> Vec<Ask<Flights>> {
    vec![Ask::Command(Command::RequestPayment { booking })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::Rejection;
    use crate::domains::flights::money::{Currency, Money};
    use crate::domains::flights::setup::{Setup, VendorSetup};
    use crate::domains::flights::vendors::Dialect;
    use crate::kernel::Span;
    use crate::model::{Token, Version};

    const ANA: CustomerId = CustomerId(1);

    fn world() -> Flights {
        let fare = Money::new(100, Currency::Eur);
        let vendors =
            vec![VendorSetup::new("V1", Dialect::Ndc).flight("F0", 1, fare).flight("F1", 1, fare)];
        Flights::new(Setup { customers: 3, vendors, ..Setup::default() }).expect("a world")
    }

    fn offers(left: [u16; 2]) -> Answer<Flights> {
        let fare = Money::new(100, Currency::Eur);
        let offer = |n: u16| Offer { flight: FlightId(n), left: left[usize::from(n)], fare };
        let row = Row::Offers([0, 1].map(offer).to_vec());
        Answer::Shown(Query::Search(Question::Everything), Some(row))
    }

    fn hold_of(booking: BookingId, flight: u16) -> Command {
        let flights = FlightIds::from_iter([FlightId(flight)]);
        Command::HoldSeat { booking, customer: ANA, flights }
    }

    fn accepted(booking: BookingId) -> CommandOutcome<Flights> {
        CommandOutcome::Accepted(Token { stream: booking.stream(), version: Version(1) })
    }

    #[test]
    fn a_customer_who_books_searches_holds_thinks_and_pays() {
        let (world, mut memory) = (world(), ClientState::default());
        let book = Action::Book { flights: FlightIds::new() };
        let search = Ask::Query(Query::Search(Question::Everything));
        assert_eq!(act(&world, ANA, &mut memory, &book, 7), [search]);
        let booking = BookingId(1);
        let hold = hold_of(booking, 1);
        let found = on_answer(&world, ANA, &mut memory, &offers([0, 1]));
        assert_eq!(found, [Ask::Command(hold.clone())], "the only flight with a seat left");
        let answer = Answer::Command(hold, accepted(booking));
        let later = Ask::Later(Span::from_secs(2), Action::PayFor(booking));
        assert_eq!(on_answer(&world, ANA, &mut memory, &answer), [later]);
        let pays = act(&world, ANA, &mut memory, &Action::PayFor(booking), 0);
        assert_eq!(pays, [Ask::Command(Command::RequestPayment { booking })]);
        assert!(on_answer(&world, ANA, &mut memory, &answer).is_empty(), "nobody pays twice");
    }

    #[test]
    fn a_customer_who_finds_nothing_or_is_refused_goes_away() {
        let (world, mut memory) = (world(), ClientState::default());
        let book = Action::Book { flights: FlightIds::new() };
        act(&world, ANA, &mut memory, &book, 0);
        assert!(on_answer(&world, ANA, &mut memory, &offers([0, 0])).is_empty());
        act(&world, ANA, &mut memory, &book, 0);
        on_answer(&world, ANA, &mut memory, &offers([1, 0]));
        let refused = CommandOutcome::Refused(Rejection::SoldOut { flight: FlightId(0) });
        let answer = Answer::Command(hold_of(BookingId(1), 0), refused);
        assert!(on_answer(&world, ANA, &mut memory, &answer).is_empty());
        assert_eq!((memory.to_pay.len(), memory.wishes.len()), (0, 0));
    }

    #[test]
    fn each_booking_of_a_customer_has_a_number_of_its_own() {
        let (world, mut memory) = (world(), ClientState::default());
        let hold = Action::Hold { flights: FlightIds::from_iter([FlightId(0)]) };
        let first = act(&world, ANA, &mut memory, &hold, 0);
        let second = act(&world, ANA, &mut memory, &hold, 0);
        assert_eq!(first, [Ask::Command(hold_of(BookingId(1), 0))]);
        assert_eq!(second, [Ask::Command(hold_of(BookingId(4), 0))]);
        let pays = act(&world, ANA, &mut memory, &Action::Pay, 0);
        assert_eq!(pays, [Ask::Command(Command::RequestPayment { booking: BookingId(4) })]);
    }

    #[test]
    fn a_customer_who_does_not_know_looks_before_paying() {
        let (world, mut memory) = (world(), ClientState::default());
        act(&world, ANA, &mut memory, &Action::Book { flights: FlightIds::new() }, 0);
        on_answer(&world, ANA, &mut memory, &offers([1, 0]));
        let unknown = Answer::Command(hold_of(BookingId(1), 0), CommandOutcome::Unknown);
        let looks = on_answer(&world, ANA, &mut memory, &unknown);
        assert_eq!(looks, [Ask::Query(Query::MyBookings)]);
    }
}
