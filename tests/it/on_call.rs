//! Write skew: two decisions that each read what the other one writes. A store that checks what was read takes one
//! of them; a store that checks only what is written takes both, and the domain's property finds it.

use jetlag::prelude::*;
use jetlag::session::Faults;
use serde::{Deserialize, Serialize};

const DOCTOR: Category = Category(0);

/// A ward with two doctors, at least one of whom must be on call.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Ward {
    Ward {},
}

#[derive(Clone, Copy, Debug, PartialEq, Hash, Serialize, Deserialize)]
enum Action {
    GoHome,
}

/// A doctor goes off call.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
struct GoHome(CustomerId);

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
enum Event {
    WentHome(CustomerId),
}
event_names! { Event { WentHome } }

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Rejection {
    LastOnCall,
    AtHome,
}

fn doctor(CustomerId(number): CustomerId) -> StreamId {
    StreamId { category: DOCTOR, number }
}

/// The state of a doctor is whether they have gone home.
impl Domain for Ward {
    const NAME: &'static str = "Ward";
    const CATEGORIES: &'static [&'static str] = &["doctor"];
    const VIEWS: &'static [View] = &[View::of("Doctors", DOCTOR)];
    event_names!(Event);

    type Command = GoHome;
    type Event = Event;
    type State = bool;
    type Rejection = Rejection;
    type Query = RowKey;
    type Row = StreamRow<bool>;
    type Action = Action;
    type ClientState = ();
    type Sagas = NoSagas;
    type Services = NoServices;
    type Privacy = NoPersonalData;
    type Schemas = OneSchema;

    fn streams(&self, GoHome(who): &GoHome) -> Streams {
        let other = CustomerId(1 - who.0);
        Streams::from_iter([doctor(*who), doctor(other)])
    }

    fn blank(&self, _: StreamId) -> bool {
        false
    }

    fn decide(&self, read: &Folded<'_, bool>, GoHome(who): &GoHome, _: Instant) -> Decision<Self> {
        match [*who, CustomerId(1 - who.0)].map(|one| *read.state(doctor(one))) {
            [true, _] => Err(Rejection::AtHome),
            [false, true] => Err(Rejection::LastOnCall),
            [false, false] => Ok(vec![(doctor(*who), Event::WentHome(*who))]),
        }
    }

    fn evolve(&self, is_home: &mut bool, Event::WentHome(_): &Event) {
        *is_home = true;
    }

    fn is_legal_transition(&self, is_home: &bool, Event::WentHome(_): &Event) -> bool {
        !is_home
    }

    fn project(&self, _: ViewId, _: RowKey, row: &mut Option<Self::Row>, stored: &Stored<Event>) {
        StreamRow::project(self, row, stored);
    }

    fn shows(&self, _: ViewId, _: RowKey, row: &Self::Row) -> Vec<Token> {
        vec![row.token]
    }

    fn lookup(&self, _: CustomerId, key: &RowKey) -> Lookup<Self> {
        Lookup::Row(ViewId(0), *key)
    }

    fn act(&self, who: CustomerId, (): &mut (), Action::GoHome: &Action, _: u64) -> Vec<Ask<Self>> {
        vec![Ask::Command(GoHome(who))]
    }
}

impl ScenarioDomain for Ward {
    type Setup = Self;
    type ScriptAction = Action;
    type Outcome = Outcome<Rejection>;
    type Wait = Wait;
    type Properties = Invariants<OneStays>;

    fn build(setup: &Self, _: u32, _: &Place, _: &mut Complaints) -> Option<Self> {
        Some(setup.clone())
    }

    fn resolve(&self, action: &Action, _: &Place, _: &mut Complaints) -> Option<Action> {
        Some(*action)
    }
}

/// The step in which the first doctor went home.
#[derive(Clone, Debug, Default)]
struct OneStays(Option<Step>);

impl Invariant<Ward> for OneStays {
    const PROPERTY: &'static Property = &Property {
        id: "one-stays",
        when: When::Always,
        says: "one of the two doctors is on call",
    };

    fn stored(&mut self, stored: &Stored<Event>, step: Step, check: &mut Check<'_>) {
        let Event::WentHome(who) = stored.event;
        check.that(self.0.is_none(), self.0, || format!("doctor {} goes as well", who.0 + 1));
        self.0.get_or_insert(step);
    }
}

/// The property that a run violates, for the case as it is and for the first seeds with faults.
fn violated(platform: &str) -> Vec<Option<&'static str>> {
    let text =
        include_str!("../cases/on_call.ron").replace("    fuzz:", &format!("{platform}    fuzz:"));
    let scenario = Harness::of::<Ward>("tests/cases").load("on_call.ron", text.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let drawn = |seed| RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) };
    let requests = std::iter::once(RunRequest::of_seed(1)).chain((0..20).map(drawn));
    let first = |run: RunRequest| Some(scenario.run(&run).violations.first()?.property);
    requests.map(first).collect()
}

#[test]
fn what_was_only_read_is_checked_by_default() {
    assert!(violated("").iter().all(Option::is_none));
}

#[test]
fn a_store_that_checks_only_what_is_written_lets_both_go() {
    let violated = violated("    platform: (store: (checks: Written)),\n");
    assert_eq!(violated[0], Some("one-stays"), "in the run without faults");
    assert!(violated.iter().flatten().all(|property| *property == "one-stays"), "{violated:?}");
}
