//! A restaurant whose guests reserve tables for an evening: a complete domain.
//!
//! `cargo run --example tables` runs its scenarios, `cargo test --example tables` its tests.

use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;

use jetlag::prelude::*;
use serde::{Deserialize, Serialize};

// ---- 1. The types: set-up, actions, commands, events, rejections, states
/// How many hours a party stays.
const STAY: u32 = 2;
/// The only category of streams: a stream is a table.
const TABLE: Category = Category(0);

/// The restaurant, as a scenario sets it up: `domain: Tables(tables: 2)`.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Restaurant {
    Tables {
        /// How many tables there are, counted from 1.
        tables: u32,
        /// A deliberate bug: `decide` ignores how long parties stay.
        #[serde(default)]
        careless: bool,
    },
}

/// What a guest does, as a scenario writes it: `does: Reserve(table: 1, hour: 19)`.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Action {
    Reserve { table: u32, hour: u32 },
    Cancel { table: u32, hour: u32 },
    Look { table: u32 },
}

/// A reservation: which guest comes to which table at which hour.
#[derive(Clone, Copy, PartialEq, Hash)]
struct Party {
    table: StreamId,
    hour: u32,
    guest: CustomerId,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} at {}:00", self.table.number, self.hour)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
enum Command {
    Reserve(Party),
    Cancel(Party),
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
enum Event {
    Reserved(Party),
    Cancelled(Party),
}
event_names! { Event { Reserved, Cancelled } }

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Rejection {
    Taken,
    NotYours,
}

/// The state of a table: which guest comes at which hour.
type Book = BTreeMap<u32, CustomerId>;

// ---- 2. The domain: pure functions
impl Domain for Restaurant {
    const NAME: &'static str = "Tables";
    const CATEGORIES: &'static [&'static str] = &["table"];
    const VIEWS: &'static [View] = &[View::of("Pages", TABLE)];
    event_names!(Event);

    type Command = Command;
    type Event = Event;
    type State = Book;
    type Rejection = Rejection;
    type Query = RowKey;
    type Row = StreamRow<Book>;
    type Action = Action;
    type ClientState = ();
    type Sagas = NoSagas;
    type Services = NoServices;
    type Privacy = NoPersonalData;
    type Schemas = OneSchema;

    fn streams(&self, command: &Command) -> Streams {
        let (Command::Reserve(party) | Command::Cancel(party)) = command;
        Streams::from_iter([party.table])
    }

    fn blank(&self, _: StreamId) -> Book {
        Book::new()
    }

    fn decide(&self, read: &Folded<'_, Book>, command: &Command, _: Instant) -> Decision<Self> {
        let Self::Tables { careless, .. } = *self;
        let (Command::Reserve(party) | Command::Cancel(party)) = *command;
        let book = read.state(party.table);
        let meets = |hour: &u32| hour.abs_diff(party.hour) < if careless { 1 } else { STAY };
        let is_theirs = book.get(&party.hour) == Some(&party.guest);
        match command {
            Command::Reserve(_) if book.keys().any(meets) => Err(Rejection::Taken),
            Command::Reserve(_) => Ok(vec![(party.table, Event::Reserved(party))]),
            Command::Cancel(_) if is_theirs => Ok(vec![(party.table, Event::Cancelled(party))]),
            Command::Cancel(_) => Err(Rejection::NotYours),
        }
    }

    fn evolve(&self, book: &mut Book, event: &Event) {
        match event {
            Event::Reserved(party) => book.insert(party.hour, party.guest),
            Event::Cancelled(party) => book.remove(&party.hour),
        };
    }

    /// The life cycle of one reservation. The property below checks that parties do not overlap.
    fn is_legal_transition(&self, book: &Book, event: &Event) -> bool {
        match event {
            Event::Reserved(party) => !book.contains_key(&party.hour),
            Event::Cancelled(party) => book.get(&party.hour) == Some(&party.guest),
        }
    }

    fn project(&self, _: ViewId, _: RowKey, row: &mut Option<Self::Row>, stored: &Stored<Event>) {
        StreamRow::project(self, row, stored);
    }

    fn shows(&self, _: ViewId, _: RowKey, row: &Self::Row) -> Vec<Token> {
        vec![row.token]
    }

    fn lookup(&self, _: CustomerId, table: &RowKey) -> Lookup<Self> {
        Lookup::Row(ViewId(0), *table)
    }

    fn act(&self, guest: CustomerId, _: &mut (), action: &Action, _: u64) -> Vec<Ask<Self>> {
        let stream = |number| StreamId { category: TABLE, number };
        let party = |table, hour| Party { table: stream(table), hour, guest };
        vec![match *action {
            Action::Reserve { table, hour } => Ask::Command(Command::Reserve(party(table, hour))),
            Action::Cancel { table, hour } => Ask::Command(Command::Cancel(party(table, hour))),
            Action::Look { table } => Ask::Query(RowKey(table)),
        }]
    }
}

// ---- 3. The language: what scenario files can contain
impl ScenarioDomain for Restaurant {
    const COMMAND: &'static str = "cargo run --example tables --";
    type Setup = Self;
    type ScriptAction = Action;
    type Outcome = Outcome<Rejection>;
    type Wait = Wait;
    type Properties = Rules;

    fn build(setup: &Self, _: u32, _: &Place, _: &mut Complaints) -> Option<Self> {
        Some(setup.clone())
    }

    fn resolve(&self, action: &Action, place: &Place, to: &mut Complaints) -> Option<Action> {
        use Action::{Cancel, Look, Reserve};
        let Self::Tables { tables, .. } = self;
        let (Reserve { table, .. } | Cancel { table, .. } | Look { table }) = action;
        if !(1..=*tables).contains(table) {
            let hint = format!("tables are counted from 1 to {tables}");
            to.add(place.field("table"), format!("there is no table {table}"), hint);
            return None;
        }
        Some(action.clone())
    }
}

// ---- 4. The properties: what must hold for restaurants, from above and from below
checkers! {
    struct Rules for Restaurant {
        *OnePartyATable::PROPERTY => parties: Invariants<OnePartyATable>,
        FREE_IS_OFFERED => pages: Pages,
    }
}

/// The step of each reservation, by table and hour.
#[derive(Clone, Debug, Default)]
struct OnePartyATable(BTreeMap<(StreamId, u32), Step>);

impl Invariant<Restaurant> for OnePartyATable {
    const PROPERTY: &'static Property = &Property {
        id: "one-party-a-table",
        when: When::Always,
        says: "no two parties sit at one table at the same time",
    };

    fn stored(&mut self, stored: &Stored<Event>, step: Step, check: &mut Check<'_>) {
        match stored.event {
            Event::Cancelled(Party { table, hour, .. }) => drop(self.0.remove(&(table, hour))),
            Event::Reserved(Party { table, hour, .. }) => {
                let near = (table, hour.saturating_sub(STAY - 1))..(table, hour + STAY);
                let other = self.0.range(near).next().map(|(_, step)| *step);
                let says = || format!("table {} is not free at {hour}:00", table.number);
                check.that(other.is_none(), other, says);
                self.0.insert((table, hour), step);
            }
        }
    }
}

static FREE_IS_OFFERED: Property = Property {
    id: "free-is-offered",
    when: When::AtRest,
    says: "the page of a table shows the hours that are taken, and no other",
};

/// The step of each reservation that stands, by table and hour.
#[derive(Clone, Debug, Default)]
struct Pages(BTreeMap<(u32, u32), Step>);

impl Checker<Restaurant> for Pages {
    const PROPERTIES: &'static [Property] = &[FREE_IS_OFFERED];

    fn observe(&mut self, record: &Record<Restaurant>, _: &mut Checks<'_, Restaurant>) {
        let Fact::Stored(stored) = &record.fact else { return };
        match stored.event {
            Event::Reserved(p) => drop(self.0.insert((p.table.number, p.hour), record.step)),
            Event::Cancelled(p) => drop(self.0.remove(&(p.table.number, p.hour))),
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Restaurant>, checks: &mut Checks<'_, Restaurant>) {
        for (table, page) in (0..).zip(&rest.rows[0]) {
            let shown: Vec<u32> = page.iter().flat_map(|page| page.state.keys().copied()).collect();
            let taken = || self.0.range((table, 0)..=(table, u32::MAX));
            let hours: Vec<u32> = taken().map(|((_, hour), _)| *hour).collect();
            let steps = taken().map(|(_, step)| *step);
            checks.that(&FREE_IS_OFFERED, shown == hours, steps, |_| {
                format!("table {table} is taken at {hours:?}, but its page shows {shown:?}")
            });
        }
    }
}

// ---- 5. The front door: a command line, and tests
fn harness() -> Harness {
    Harness::of::<Restaurant>("examples/tables")
}

fn main() -> ExitCode {
    harness().main_or(&["run"])
}

#[test]
fn no_two_parties_meet_with_and_without_faults() {
    harness().check();
    harness().fuzz().runs(300).check();
}

#[test]
fn a_careless_decision_is_found() {
    let ron = include_str!("tables/busy_evening.ron").replace("2)", "2, careless: true)");
    let scenario = harness().load("careless.ron", ron.as_bytes()).unwrap();
    let run = scenario.run(&scenario.request());
    assert_eq!(run.violations[0].property, "one-party-a-table");
}
