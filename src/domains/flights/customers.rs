//! What customers do, and what their clients keep.

use super::command::Command;
use super::event::ChargeStep;
use super::ids::{Attempt, BookingId, FlightId, FlightIds};
use super::money::Money;
use super::payment::{ChargeRequest, Key};
use super::setup::Flights;
use super::vendors::{Offer, VendorRequest};
use super::views::Row;
use super::{Query, Request};
use crate::domains::past::Browsing;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CommandOutcome, CustomerId, Named, ServiceId, Version};

/// What a customer can be scripted or drawn to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Searches for flights.
    Search(Question),
    /// Holds a seat on each of these flights.
    Hold {
        flights: FlightIds,
        /// Whom to call in an emergency.
        contact: Named,
    },
    /// Pays for the booking held last.
    Pay,
    /// Cancels the booking held last.
    Cancel,
    /// Disputes the payment of the booking held last.
    Dispute,
    /// Bumps a booking, as staff at the gate.
    Bump { booking: BookingId, flights: FlightIds },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Looks at their bookings.
    MyBookings,
    /// Looks a booking up by its number.
    LookUp(BookingId),
    /// Looks a booking up as it was; without a number, the booking held last.
    AsOf { booking: Option<BookingId>, at: AsOf },
    /// Looks a booking up after each of its events from this one on.
    History { booking: Option<BookingId>, from: Version },
    /// Searches, holds, thinks and pays. Without flights, one that has seats left is drawn.
    Book { flights: FlightIds },
    /// Searches for something or looks at their bookings, as drawn.
    Browse,
    /// Buys seats from a vendor, without our platform.
    SellElsewhere { flight: FlightId, seats: u16 },
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

/// What the client of one customer keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// How many bookings were begun.
    begun: u32,
    /// The booking begun last, and its flights.
    last: Option<(BookingId, FlightIds)>,
    /// Trips to be held once a search is answered.
    wishes: Vec<Wish>,
    /// Bookings to be paid for once they are held.
    to_pay: Vec<BookingId>,
    browsing: Browsing<BookingId>,
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

    /// The services to be asked.
    pub fn services(self, flights: &Flights) -> Vec<ServiceId> {
        match self {
            Self::Everything => flights.vendors().iter().map(|vendor| vendor.service).collect(),
            Self::Of(service) => vec![service],
        }
    }
}

impl Action {
    /// The same flights in the opposite order.
    pub(super) fn reversed(&self) -> Option<Self> {
        let opposite = |flights: &FlightIds| flights.iter().rev().copied().collect();
        match self {
            Self::Hold { flights, contact } => {
                Some(Self::Hold { flights: opposite(flights), contact: *contact })
            }
            Self::Book { flights } => Some(Self::Book { flights: opposite(flights) }),
            Self::Search(_)
            | Self::Pay
            | Self::Cancel
            | Self::Dispute
            | Self::Bump { .. }
            | Self::EraseMe
            | Self::MyBookings
            | Self::LookUp(_)
            | Self::AsOf { .. }
            | Self::History { .. }
            | Self::Browse
            | Self::SellElsewhere { .. }
            | Self::PayFor(_) => None,
        }
    }
}

/// What a customer does to carry out an action.
pub(super) fn act(
    flights: &Flights,
    who: CustomerId,
    client: &mut ClientState,
    action: &Action,
    random: u64,
) -> Vec<Ask<Flights>> {
    let last = client.last.clone();
    let ask = match action {
        Action::Search(question) => Some(Ask::Query(Query::Search(*question))),
        Action::Hold { flights: wanted, contact } => {
            hold(flights, who, client, wanted.clone(), *contact)
        }
        Action::Pay => last.map(|(booking, _)| pay(booking)),
        Action::PayFor(booking) => Some(pay(*booking)),
        Action::Cancel => {
            last.map(|(booking, flights)| Ask::Command(Command::Cancel { booking, flights }))
        }
        Action::Dispute => last.map(|(booking, _)| {
            let key = Key { booking, step: ChargeStep::Dispute, again: 0 };
            let (amount, attempt) = (Money::zero(flights.currency()), Attempt::FIRST);
            let request = Request::Charge(ChargeRequest { key, amount, attempt });
            Ask::Outside(flights.provider(), request)
        }),
        Action::Bump { booking, flights } => {
            Some(Ask::Command(Command::Bump { booking: *booking, flights: flights.clone() }))
        }
        Action::EraseMe => Some(Ask::Erase),
        Action::MyBookings => Some(Ask::Query(Query::MyBookings)),
        Action::LookUp(booking) => Some(Ask::Query(Query::Booking(*booking))),
        Action::AsOf { booking, at } => {
            let booking = booking.or(last.map(|(booking, _)| booking));
            booking.map(|booking| Ask::Query(Query::AsOf(booking, *at)))
        }
        Action::History { booking, from } => {
            let booking = booking.or(last.map(|(booking, _)| booking));
            let ask = |booking| Query::AsOf(booking, client.browsing.ask(booking, *from));
            booking.map(ask).map(Ask::Query)
        }
        Action::Book { flights } => {
            client.wishes.push(Wish { flights: flights.clone(), random });
            Some(Ask::Query(Query::Search(Question::Everything)))
        }
        Action::Browse => {
            // All searches and the own bookings are equally likely.
            let questions = flights.vendors().len() as u64 + 1;
            Some(Ask::Query(match random % (questions + 1) {
                own if own == questions => Query::MyBookings,
                question => Query::Search(Question::numbered(question as u32)),
            }))
        }
        &Action::SellElsewhere { flight, seats } => {
            let request = Request::Vendor(VendorRequest::SellElsewhere { flight, seats });
            Some(Ask::Outside(flights.flight(flight).vendor, request))
        }
    };
    ask.into_iter().collect()
}

/// What a customer does after an answer.
pub(super) fn on_answer(
    flights: &Flights,
    who: CustomerId,
    client: &mut ClientState,
    answer: &Answer<Flights>,
) -> Vec<Ask<Flights>> {
    let pay_later =
        |&booking: &BookingId| Ask::Later(flights.tables.setup.think, Action::PayFor(booking));
    match answer {
        Answer::Shown(Query::Search(_), row) => {
            let Some(wish) = client.wishes.pop() else { return Vec::new() };
            let offers = match row {
                Some(Row::Offers(offers)) => &offers[..],
                Some(_) | None => &[],
            };
            let picked = pick(wish, offers);
            if picked.is_empty() {
                return Vec::new();
            }
            let ask = hold(flights, who, client, picked, Named::NONE);
            if let Some(Ask::Command(command)) = &ask {
                client.to_pay.push(command.booking());
            }
            ask.into_iter().collect()
        }
        Answer::Command(Command::HoldSeat { booking, .. }, outcome) => {
            let Some(place) = client.to_pay.iter().position(|wanted| wanted == booking) else {
                return Vec::new();
            };
            match outcome {
                // It may be held or not: the customer looks before doing anything else.
                CommandOutcome::Unknown => return vec![Ask::Query(Query::MyBookings)],
                CommandOutcome::Accepted(_) | CommandOutcome::Refused(_) => {}
            }
            client.to_pay.swap_remove(place);
            let held = matches!(outcome, CommandOutcome::Accepted(_));
            held.then(|| pay_later(booking)).into_iter().collect()
        }
        Answer::Shown(Query::MyBookings, Some(Row::CustomerBookings(row))) => {
            let found = |booking: &BookingId| row.lines.iter().any(|line| line.booking == *booking);
            let to_pay = std::mem::take(&mut client.to_pay);
            let (held, unseen): (Vec<_>, _) = to_pay.into_iter().partition(found);
            client.to_pay = unseen;
            held.iter().map(pay_later).collect()
        }
        Answer::Shown(Query::AsOf(booking, as_of), row) => {
            let shown = match row {
                Some(Row::Past(past)) => Some(past.version),
                Some(_) | None => None,
            };
            let from = client.browsing.answered(*booking, *as_of, shown);
            let next = |from| Action::History { booking: Some(*booking), from };
            from.map(|from| Ask::Later(Span::ZERO, next(from))).into_iter().collect()
        }
        Answer::Shown(Query::MyBookings | Query::Booking(_), _)
        | Answer::Command(..)
        | Answer::NotYet(_)
        | Answer::TryLater(_)
        | Answer::Erased
        | Answer::Silence => Vec::new(),
    }
}

/// The flights of a wish. If it names none, one of those with seats left is picked.
fn pick(wish: Wish, offers: &[Offer]) -> FlightIds {
    if !wish.flights.is_empty() {
        return wish.flights;
    }
    let left: Vec<FlightId> =
        offers.iter().filter(|offer| offer.left > 0).map(|offer| offer.flight).collect();
    let nth = wish.random.checked_rem(left.len() as u64);
    nth.map(|nth| left[nth as usize]).into_iter().collect()
}

fn hold(
    flights: &Flights,
    customer: CustomerId,
    client: &mut ClientState,
    wanted: FlightIds,
    contact: Named,
) -> Option<Ask<Flights>> {
    let booking = flights.booking_of(customer, client.begun)?;
    client.begun += 1;
    client.last = Some((booking, wanted.clone()));
    Some(Ask::Command(Command::HoldSeat { booking, customer, flights: wanted, contact }))
}

const fn pay(booking: BookingId) -> Ask<Flights> {
    Ask::Command(Command::RequestPayment { booking })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::Rejection;
    use crate::domains::flights::money::Currency;
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
        Command::HoldSeat { booking, customer: ANA, flights, contact: Named::NONE }
    }

    fn accepted(booking: BookingId) -> CommandOutcome<Flights> {
        CommandOutcome::Accepted(Token { stream: booking.stream(), version: Version(1) })
    }

    #[test]
    fn to_book_is_to_search_hold_think_and_pay() {
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
        assert!(
            on_answer(&world, ANA, &mut memory, &answer).is_empty(),
            "the customer does not pay twice"
        );
    }

    #[test]
    fn a_customer_gives_up_when_no_seat_is_offered_or_the_hold_is_rejected() {
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
        let hold =
            Action::Hold { flights: FlightIds::from_iter([FlightId(0)]), contact: Named::NONE };
        let first = act(&world, ANA, &mut memory, &hold, 0);
        let second = act(&world, ANA, &mut memory, &hold, 0);
        assert_eq!(first, [Ask::Command(hold_of(BookingId(1), 0))]);
        assert_eq!(second, [Ask::Command(hold_of(BookingId(4), 0))]);
        let pays = act(&world, ANA, &mut memory, &Action::Pay, 0);
        assert_eq!(pays, [Ask::Command(Command::RequestPayment { booking: BookingId(4) })]);
    }

    #[test]
    fn a_customer_looks_before_paying_when_the_outcome_is_unknown() {
        let (world, mut memory) = (world(), ClientState::default());
        act(&world, ANA, &mut memory, &Action::Book { flights: FlightIds::new() }, 0);
        on_answer(&world, ANA, &mut memory, &offers([1, 0]));
        let unknown = Answer::Command(hold_of(BookingId(1), 0), CommandOutcome::Unknown);
        let looks = on_answer(&world, ANA, &mut memory, &unknown);
        assert_eq!(looks, [Ask::Query(Query::MyBookings)]);
    }
}
