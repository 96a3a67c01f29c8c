//! The language of scenario files: the box office, and the actions of customers.

use serde::{Deserialize, Serialize};

use super::customers::{Action, Query};
use super::event::Card;
use super::ids::{ShowId, TicketId};
use super::outcome::{Outcome, Wait};
use super::payments;
use super::setup::{BoxOffice, Setup, Status};
use super::visit::{self, Wish};
use crate::domains::past::moment;
use crate::kernel::Span;
use crate::model::{Named, Version};
use crate::scenario::{Complaints, Ids, LongWait, Place, ScenarioDomain};

/// The reference for the currency of all amounts.
const PRICES: &str = "the first price is";

/// What can follow `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BoxOfficeFile {
    BoxOffice(Setup),
}

/// What can follow `does:` or stand in a `mix`. Unless it begins a purchase, it is about the ticket that the
/// customer began last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// The organiser puts a show on sale.
    Create { show: String },
    /// Buys a ticket.
    Buy {
        show: String,
        /// `Good` by default.
        #[serde(default)]
        card: Card,
        /// Another customer of the script, whom the ticket is for.
        #[serde(default)]
        guest: Option<String>,
    },
    /// Buys a ticket by a double click.
    BuyTwice { show: String },
    /// Buys a ticket for a show that the seed chooses.
    BuySomething,
    /// Buys a ticket for a show that the seed chooses, and cancels after some time.
    BuyAndRegret,
    /// Looks at a show, and buys a ticket if a place is left.
    LookAndBuy { show: String },
    /// Joins the waiting room of a show, and buys nothing once it is admitted.
    Join { show: String },
    /// Buys a ticket without having joined the waiting room.
    JumpQueue { show: String },
    /// Gives up the place in the waiting room.
    Leave,
    /// Reserves a ticket.
    Reserve {
        show: String,
        /// Another customer of the script, whom the ticket is for.
        #[serde(default)]
        guest: Option<String>,
    },
    /// Pays for the reserved ticket.
    Pay {
        #[serde(default)]
        card: Card,
    },
    /// Cancels the ticket.
    Cancel,
    /// Lists a page of shows.
    List {
        /// From 1.
        page: u32,
        /// Whether only shows with places left are listed.
        #[serde(default)]
        free: bool,
    },
    /// Looks at one show.
    Details { show: String },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Queries the customer's own tickets.
    MyTickets,
    /// Queries the sales of a show.
    Sales { show: String },
    /// Queries a ticket as of a version, as of a time, or now. By default the ticket begun last.
    AsOf {
        #[serde(default)]
        ticket: Option<u32>,
        /// The number of events of the ticket to include.
        #[serde(default)]
        version: Option<u32>,
        /// The time since the start of the run.
        #[serde(default)]
        at: Option<Span>,
    },
    /// Queries a ticket after its first event, then after the second, and so on to the last.
    History {
        #[serde(default)]
        ticket: Option<u32>,
    },
    /// A query that the seed chooses.
    Browse,
}

/// How many calls of one saga, one after another, its default quiet phase allows for.
const ATTEMPTS: u64 = 40;

impl ScenarioDomain for BoxOffice {
    const TEMPLATE: Option<&'static str> = Some(include_str!("template.ron"));

    type Setup = BoxOfficeFile;
    type ScriptAction = ScriptAction;
    type Outcome = Outcome;
    type Wait = Wait;
    type Properties = super::properties::BoxOfficeProperties;

    fn build(
        setup: &BoxOfficeFile,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let BoxOfficeFile::BoxOffice(setup) = setup;
        let before = complaints.count();
        programme(setup, &place.field("shows"), complaints);
        let hint = "write it like \"15m\" or \"2.5s\"";
        complaints.not_zero(place.field("hold"), &setup.hold, hint);
        complaints.not_zero(place.field("saga_patience"), &setup.saga_patience, hint);
        complaints.not_zero(place.field("lock").field("ttl"), &setup.lock.ttl, hint);
        complaints.not_zero(place.field("page"), &setup.page, "write how many shows a page has");
        if let Some(limit) = &setup.limit {
            let here = place.field("limit");
            complaints.not_zero(
                here.field("purchases"),
                &limit.purchases,
                "remove the limit instead",
            );
            complaints.not_zero(here.field("per"), &limit.per, hint);
        }
        if complaints.count() > before {
            return None;
        }
        // A set-up needs a customer, even if none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn waits(&self) -> Vec<LongWait> {
        let setup = self.setup();
        let wait = |field, span, times| LongWait { field, span, times };
        let rooms = setup.shows.iter().filter_map(|show| show.waiting_room);
        let longest = rooms.map(|room| room.lasts).max().unwrap_or_default();
        let subscribed = match setup.status {
            Status::Polled => Span::ZERO,
            Status::Pushed => visit::LONGEST_WAIT + payments::LONGEST_WAIT,
        };
        vec![
            wait("domain.shows.waiting_room.lasts", longest, 2),
            wait("domain.hold", setup.hold, 2),
            wait("domain.think", setup.think, 1),
            wait("domain.status", subscribed, 1),
            wait("domain.saga_patience", setup.saga_patience, ATTEMPTS),
            wait("domain.payment.latency", setup.payment.latency, ATTEMPTS),
            wait("domain.lock.latency", setup.lock.latency, ATTEMPTS),
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
        if let (
            ScriptAction::Buy { guest: Some(name), .. }
            | ScriptAction::Reserve { guest: Some(name), .. },
            Action::Want(_, Wish::Buy { guest, .. } | Wish::Reserve { guest }),
        ) = (line, &mut action)
        {
            let place = place.field("guest");
            complaints.needs_personal_data(self.setup().personal_data, &place);
            *guest = complaints.customer(place, name, customers)?;
        }
        Some(action)
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut named = |id: &String| self.find(id, &place.field("show"), complaints);
        let guest = Named::NONE;
        let buy = |show, card, submits, regret| {
            Action::Want(show, Wish::Buy { card, submits, regret, guest })
        };
        Some(match action {
            ScriptAction::Create { show } => Action::Create(named(show)?),
            ScriptAction::Buy { show, card, guest: _ } => buy(Some(named(show)?), *card, 1, false),
            ScriptAction::BuyTwice { show } => buy(Some(named(show)?), Card::Good, 2, false),
            ScriptAction::LookAndBuy { show } => Action::LookAndBuy(named(show)?),
            ScriptAction::Reserve { show, guest: _ } => {
                Action::Want(Some(named(show)?), Wish::Reserve { guest })
            }
            ScriptAction::Join { show } => {
                let found = named(show)?;
                if self.show(found).waiting_room.is_none() {
                    let says = format!("`{show}` has no waiting room");
                    let hint = "add `waiting_room: (places: 50, lasts: \"2m\")` to the show";
                    complaints.add(place.field("show"), says, hint);
                    return None;
                }
                Action::Want(Some(found), Wish::Nothing)
            }
            ScriptAction::JumpQueue { show } => Action::JumpQueue(named(show)?),
            ScriptAction::Leave => Action::Leave,
            ScriptAction::Details { show } => Action::Look(Query::Details(named(show)?)),
            ScriptAction::Sales { show } => Action::Look(Query::Sales(named(show)?)),
            ScriptAction::BuySomething | ScriptAction::BuyAndRegret if self.shows().is_empty() => {
                let hint = "add shows to `shows`";
                complaints.add(place.clone(), "there is nothing to buy", hint);
                return None;
            }
            ScriptAction::BuySomething => buy(None, Card::Good, 1, false),
            ScriptAction::BuyAndRegret => buy(None, Card::Good, 1, true),
            ScriptAction::Pay { card } => Action::Pay(*card),
            ScriptAction::Cancel => Action::Cancel,
            ScriptAction::List { page, free } => {
                let page = complaints.from_one(place.field("page"), *page, "page", "the first")?;
                let most = u32::from(u16::MAX);
                if page > most {
                    let says = format!("there is no page {}", u64::from(page) + 1);
                    complaints.add(place.field("page"), says, "write a smaller number");
                    return None;
                }
                Action::Look(Query::List { page, free: *free })
            }
            ScriptAction::AsOf { ticket, version, at } => {
                let ticket = numbered(*ticket, place, complaints)?;
                Action::AsOf { ticket, at: moment(*version, *at, place, complaints)? }
            }
            ScriptAction::History { ticket } => {
                let ticket = numbered(*ticket, place, complaints)?;
                Action::History { ticket, from: Version(1) }
            }
            ScriptAction::EraseMe => Action::EraseMe,
            ScriptAction::MyTickets => Action::Look(Query::MyTickets),
            ScriptAction::Browse => Action::Browse,
        })
    }
}

impl BoxOffice {
    fn find(&self, id: &str, place: &Place, complaints: &mut Complaints) -> Option<ShowId> {
        let found = self.show_named(id);
        if found.is_none() {
            let known: Vec<&str> = self.shows().iter().map(|show| show.id.as_str()).collect();
            complaints.unknown(place.clone(), "show", id, &known);
        }
        found
    }
}

/// A ticket by its number; `Some(None)` if there is no number.
fn numbered(
    number: Option<u32>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Option<TicketId>> {
    let Some(number) = number else { return Some(None) };
    let number = complaints.from_one(place.field("ticket"), number, "ticket", "t-1")?;
    Some(Some(TicketId(number)))
}

/// Checks the programme, show by show.
fn programme(setup: &Setup, place: &Place, complaints: &mut Complaints) {
    let (shows, stage) = (&setup.shows, setup.stage);
    let mut ids = Ids::of("show", "rock");
    let currency = shows.first().map(|show| show.price.currency);
    for (index, show) in shows.iter().enumerate() {
        let here = place.item(index);
        ids.check(&show.id, here.field("id"), complaints);
        complaints.not_zero(here.field("tickets"), &show.tickets, "write how many places it has");
        if let Some(room) = &show.waiting_room {
            let here = here.field("waiting_room");
            if !stage.reserves() {
                let says = format!("stage {stage:?} has no waiting rooms");
                complaints.add(here.clone(), says, "use stage EventSourced");
            }
            let hint = "remove the waiting room instead";
            complaints.not_zero(here.field("places"), &room.places, hint);
            complaints.not_zero(here.field("lasts"), &room.lasts, "write it like \"2m\"");
        }
        if let Some(currency) = currency {
            let here = here.field("price");
            currency.must_be_of(show.price, "price", PRICES, here, complaints);
        }
    }
}
