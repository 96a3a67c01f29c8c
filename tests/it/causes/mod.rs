//! Whether causes are true: every cause in the stories of all shipped scenarios concerns what its effect is
//! about.

mod about;

use std::collections::BTreeMap;
use std::path::Path;

use about::{About, Run, Thing};
use jetlag::domains::{self, Accounts, BoxOffice, Delivery, Flights, Orders};
use jetlag::internals::kernel::{Entity, Step};
use jetlag::internals::trace::{Detail, Line, Narrator, Story};
use jetlag::model::{Fact, FactKind, Record, Sagas, Services, ViewId, Vocabulary};
use jetlag::scenario::{Scenario, ScenarioDomain};
use jetlag::session::{Faults, Finished, RunRequest, StopAt, execute};

/// A fact, and what it is about.
struct Told<'a, D: ScenarioDomain> {
    record: &'a Record<D>,
    about: About,
}

/// Smaller numbers of entities are those of queues, and 0 that of messages that are about nothing in
/// particular.
const FIRST_ENTITY: u64 = 1 << 56;

/// What was found in stories.
#[derive(Debug, Default)]
struct Tally {
    lines: u64,
    /// How often each exception was made.
    excused: BTreeMap<&'static str, u64>,
    /// By the kind of the effect.
    wrong: BTreeMap<FactKind, Vec<String>>,
}

/// Longer runs, of which there are few, repeat what they do.
const STEPS: u64 = 20_000;

#[test]
fn each_cause_in_a_shipped_story_concerns_an_entity_of_its_effect() {
    let stop_at = StopAt { step: Some(Step(STEPS)), time: None };
    let tally = judged(|request| RunRequest { stop_at, ..request });
    assert!(tally.lines > 100_000, "only {} lines", tally.lines);
    tally.judge();
}

#[test]
#[ignore = "runs of a million steps: for a change of the plumbing of causes"]
fn each_cause_in_a_shipped_story_concerns_an_entity_of_its_effect_to_the_end() {
    judged(|request| request).judge();
}

#[test]
fn causes_stay_true_when_things_go_wrong() {
    let stop_at = StopAt { step: Some(Step(STEPS / 5)), time: None };
    let tally =
        judged(|request| RunRequest { faults: Faults::Fuzzed, seed: 1, stop_at, ..request });
    assert!(tally.lines > 50_000, "only {} lines", tally.lines);
    tally.judge();
}

impl Tally {
    fn judge(&self) {
        let Self { lines, excused, wrong } = self;
        let count: usize = wrong.values().map(Vec::len).sum();
        let first: Vec<&str> =
            wrong.values().flat_map(|wrong| wrong.iter().take(4)).map(String::as_str).collect();
        let first = first.join("\n");
        assert!(wrong.is_empty(), "{count} of {lines} lines:\n{first}\n{excused:#?}");
    }
}

fn is_capsule(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).lines().any(|line| line.starts_with("Capsule("))
}

/// Runs every shipped scenario, with a change to the request that its file makes.
fn judged(change: impl Fn(RunRequest) -> RunRequest) -> Tally {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let harness = domains::harness();
    let files = harness.files(&[root.join("scenarios")]).expect("the scenarios that ship");
    let mut tally = Tally::default();
    for file in files {
        let bytes = std::fs::read(&file).expect("a file of the list");
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        if is_capsule(&bytes) {
            continue; // a run of a scenario that is judged itself
        }
        match harness.load(&name, &bytes).expect("a scenario").domain() {
            "Flights" => judge::<Flights>(&name, &bytes, &change, &mut tally),
            "Orders" => judge::<Orders>(&name, &bytes, &change, &mut tally),
            "Accounts" => judge::<Accounts>(&name, &bytes, &change, &mut tally),
            "Delivery" => judge::<Delivery>(&name, &bytes, &change, &mut tally),
            "BoxOffice" => judge::<BoxOffice>(&name, &bytes, &change, &mut tally),
            other => panic!("no domain {other}"),
        }
    }
    tally
}

fn judge<D: ScenarioDomain>(
    name: &str,
    bytes: &[u8],
    change: &impl Fn(RunRequest) -> RunRequest,
    tally: &mut Tally,
) {
    let scenario = Scenario::<D>::load(name, bytes).expect("just loaded");
    let request = change(scenario.request());
    let request = RunRequest { detail: Some(Detail::Everything), ..request };
    judge_run(&scenario, &request, name, tally);
}

fn judge_run<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    request: &RunRequest,
    name: &str,
    tally: &mut Tally,
) {
    let finished = execute(scenario, request);
    let Finished { nodes, roles, trace, .. } = &finished;
    let (trace, domain) = (trace.as_ref().expect("requested"), &scenario.plan.domain);
    let vocabulary = Vocabulary { domain, names: &scenario.plan.names };
    let story = Story::tell(Narrator { vocabulary, nodes, roles }, trace, Detail::Everything);
    let records = &trace.records;
    assert_eq!(story.lines().len(), records.len(), "every record has a line");

    let run = Run::new(domain, records);
    let told: Vec<Told<'_, D>> =
        records.iter().map(|record| Told { record, about: run.about(record) }).collect();
    let mut parts: BTreeMap<(Step, u32), Vec<&Told<'_, D>>> = BTreeMap::new();
    for fact in &told {
        parts.entry((fact.record.step, fact.record.part)).or_default().push(fact);
    }
    for (fact, line) in told.iter().zip(story.lines()) {
        tally.lines += 1;
        let cause = story.leads_to(line).next().map(|cause| (cause.step, cause.part));
        let causes = cause.map_or(&[][..], |cause| &parts[&cause]);
        // Later facts of a part follow from earlier ones, such as a request from the answer before it.
        let part = &parts[&(line.step, line.part)];
        let before = part.iter().take_while(|before| !std::ptr::eq(**before, fact));
        if before.chain(causes).any(|cause| leads_to(&run, cause, fact)) {
            continue;
        }
        let record = fact.record;
        match excuse(causes, fact) {
            Some(why) => *tally.excused.entry(why).or_default() += 1,
            None => {
                let causes: Vec<&Line> = story.leads_to(line).collect();
                let wrong = tally.wrong.entry(record.fact.kind()).or_default();
                wrong.push(format!("{name}: {} ← {}", words(&[line]), words(&causes)));
            }
        }
    }
}

fn words(lines: &[&Line]) -> String {
    let Some(first) = lines.first() else { return "nothing".to_owned() };
    let texts: Vec<_> =
        lines.iter().map(|line| format!("{} {}", line.speaker.name, line.text)).collect();
    format!("{} {}", first.step, texts.join("; "))
}

/// Whether a fact can have led to another one, by what they are about.
fn leads_to<D: ScenarioDomain>(
    run: &Run<'_, D>,
    Told { record: cause, about: before }: &Told<'_, D>,
    Told { record: effect, about: after }: &Told<'_, D>,
) -> bool {
    // Whoever is told something may ask for something else.
    let is_told = matches!(cause.fact, Fact::Told { .. });
    let asks = matches!(
        effect.fact,
        Fact::Commanded { .. }
            | Fact::Queried { .. }
            | Fact::Watched { .. }
            | Fact::EraseAsked { .. }
    );
    let is_other_command = differ(before.command, after.command) && !(is_told && asks);
    if is_other_command || differ(before.event, after.event) {
        return false;
    }
    if let (Fact::Applied { view, event, .. }, Fact::CacheRefreshed { key, .. }) =
        (&cause.fact, &effect.fact)
    {
        let key = Thing::Entity((*key).into());
        return run.keys(*view, event).is_none_or(|keys| keys.contains(&key));
    }
    // A fault may affect the message that puts a new event beside one of its rows in the cache.
    if let (Fact::Stored(event), Fact::Fault(fired)) = (&cause.fact, &effect.fact) {
        let pinned = |view| {
            run.keys(view, event).is_some_and(|keys| keys.contains(&Thing::Entity(fired.entity)))
        };
        if (0..).map(ViewId).take(D::VIEWS.len()).any(pinned) {
            return true;
        }
    }
    // Who is subscribed is shown what an event changes, by an instance that reads it again.
    if let Fact::Stored(event) | Fact::Applied { event, .. } | Fact::AppliedInline { event, .. } =
        &cause.fact
        && run.changes(event, after)
    {
        return true;
    }
    // A message that a fault delays or duplicates arrives at its receiver.
    let is_late = matches!(cause.fact, Fact::Fault(fired) if fired.actor.to == effect.node);
    is_late || share(before, after)
}

fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && other.is_some() && one != other
}

fn share(before: &About, after: &About) -> bool {
    let something = |thing: &Thing| !matches!(thing, Thing::Entity(Entity(0..FIRST_ENTITY)));
    before.things.intersection(&after.things).any(something)
}

/// Whether a fact is a message that the node of another fact sends to the broker.
fn sends<D: ScenarioDomain>(cause: &Told<'_, D>, effect: &Told<'_, D>) -> bool {
    let is_message = matches!(cause.record.fact, Fact::Published { .. });
    is_message && cause.record.node == effect.record.node
}

/// Why a fact may have a cause that does not concern what it is about, or none.
fn excuse<D: ScenarioDomain>(
    causes: &[&Told<'_, D>],
    effect: &Told<'_, D>,
) -> Option<&'static str> {
    let is_first = causes.is_empty();
    let restarts = |cause: &&Told<'_, D>| {
        matches!(cause.record.fact, Fact::Restarted | Fact::Disconnected { .. })
    };
    match &effect.record.fact {
        Fact::Commanded { .. }
        | Fact::Queried { .. }
        | Fact::Watched { .. }
        | Fact::EraseAsked { .. }
            if is_first =>
        {
            Some("a customer acts as the script or the workload says")
        }
        Fact::Opened { .. } | Fact::Subscribed { .. } | Fact::ReplicaReads { .. } if is_first => {
            Some("a node starts")
        }
        Fact::Disconnected { .. } if causes.iter().any(|cause| sends(cause, effect)) => {
            Some("a message to a node that is down breaks the connection")
        }
        Fact::RebuildStarted { .. } | Fact::SwitchedBack { .. } if is_first => {
            Some("the operator acts as the scenario says")
        }
        Fact::Served { .. } | Fact::Entered { .. } if is_first => {
            Some("what a service does for others is not in the story")
        }
        Fact::Deployed { .. } if is_first => Some("a deploy happens at its time"),
        Fact::Cleaned { .. } | Fact::Expired { .. } if is_first => {
            Some("records are cleaned when they are old")
        }
        Fact::SentAgain { .. } if is_first => Some("the operator acts as the scenario says"),
        _ if causes.iter().any(|cause| matches!(cause.record.fact, Fact::SentAgain { .. })) => {
            Some("the operator has events of many streams sent again")
        }
        Fact::Assigned { .. } if is_first => Some("a node starts"),
        Fact::LeaderChosen { .. } if is_first => Some("an instance asks who leads"),
        Fact::SteppedDown => Some("whatever arrives next finds out that a lease has ended"),
        _ if causes.iter().any(|cause| matches!(cause.record.fact, Fact::LeaderChosen { .. })) => {
            Some("a new leader goes on with all sagas")
        }
        _ if causes.iter().any(|cause| matches!(cause.record.fact, Fact::SteppedDown)) => {
            Some("what an instance had in hand when it stepped down is dealt with")
        }
        Fact::Rewound { .. } => Some("a store goes back as a whole"),
        _ if causes.iter().any(|cause| matches!(cause.record.fact, Fact::Rewound { .. })) => {
            Some("the whole platform restarts when the store goes back")
        }
        Fact::Refreshed { view, .. } if causes.iter().any(|cause| applies(cause, *view)) => {
            Some("the first event since the last refresh leads to the next one")
        }
        Fact::KeyMade { .. } if causes.iter().any(|cause| cause.about.command.is_some()) => {
            Some("a request names another customer")
        }
        Fact::Restored { .. } if causes.iter().any(|cause| is_fault(cause)) => {
            Some("a fault happens at one message with all streams of a command")
        }
        Fact::RowLost { .. } => Some("a cache loses rows for others, or all of them"),
        Fact::Leased { .. } | Fact::Marked { .. } | Fact::Fenced { .. } => {
            Some("a lease and its marks are of a batch, not of one event")
        }
        Fact::Queued { .. } | Fact::Dequeued { .. } => Some("any message may wait for a worker"),
        Fact::Breaker { .. } => Some("a breaker counts all calls of a service"),
        Fact::Fault(_) if is_first => Some("a fault happens at a node that does nothing"),
        Fact::Fault(fired) if fired.entity.0 < FIRST_ENTITY => {
            Some("a fault happens at a message that is about a queue or nothing in particular")
        }
        Fact::Fault(_) if causes.iter().any(|cause| wakes(cause, effect)) => Some(
            "a fault happens at a message about a saga, which an event of its subject has woken",
        ),
        Fact::Fault(_) if causes.iter().any(|cause| serves_anyone(cause)) => {
            Some("a service does not say for whom it answers a question")
        }
        Fact::Fault(_) if causes.iter().any(|cause| is_applied(cause)) => {
            Some("a fault happens at a message with a row, which an event has changed")
        }
        Fact::Acked { .. } if causes.iter().any(|cause| is_fault(cause)) => {
            Some("a fault happens at one of two messages that are sent together")
        }
        Fact::Subscribed { .. } if causes.iter().any(restarts) => {
            Some("a consumer subscribes again")
        }
        _ if causes.iter().any(restarts) => Some("a restarted node goes on with what it has"),
        _ => None,
    }
}

/// Whether an event was delivered that wakes a saga, and a fault happens at a message to that saga.
fn wakes<D: ScenarioDomain>(cause: &Told<'_, D>, effect: &Told<'_, D>) -> bool {
    let Fact::Fault(fired) = &effect.record.fact else { return false };
    let Fact::Delivered { event, .. } = &cause.record.fact else { return false };
    D::Sagas::saga_of(event.stream).is_some_and(|saga| Entity::from(saga) == fired.entity)
}

fn is_fault<D: ScenarioDomain>(cause: &Told<'_, D>) -> bool {
    matches!(cause.record.fact, Fact::Fault(_))
}

fn is_applied<D: ScenarioDomain>(cause: &Told<'_, D>) -> bool {
    matches!(cause.record.fact, Fact::Applied { .. })
}

/// Whether an event was applied to a view.
fn applies<D: ScenarioDomain>(cause: &Told<'_, D>, to: ViewId) -> bool {
    matches!(&cause.record.fact, Fact::Applied { view, .. } if *view == to)
}

fn serves_anyone<D: ScenarioDomain>(cause: &Told<'_, D>) -> bool {
    matches!(&cause.record.fact, Fact::Served { request, .. } if D::Services::about(request).is_none())
}
