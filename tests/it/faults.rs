//! The effects of faults of links and nodes on a model.

use jetlag::internals::kernel::{
    Actor, Branch, Budget, CLOCK_AHEAD, CLOCK_BEHIND, CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN,
    ChoiceKey, Choices, Context, DELAY, DROP, DUPLICATE, Delivery, Entity, Fault, FaultLedger,
    FaultPlan, Fuzz, Holds, Instant, KEEP_ALIVE, Kernel, Kind, LINK_FAULTS, Link, Links, Model,
    Moment, NODE_FAULTS, NodeId, ONE_WAY, Overrides, PARTITION, PAUSE, Payload, Policy, REORDER,
    SLOW_PAIR, Schedule, ScriptedFault, Simulation, Span, Step, Stop,
};
use proptest::prelude::*;

const CLIENT: NodeId = NodeId(0);
const SERVER: NodeId = NodeId(1);
const BASE: Span = Span::from_millis(1);

/// The messages and timers of the two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Ask(u64),
    Answer(u64),
    Patience(u64),
    Back,
    Lost(NodeId),
}

impl Payload for Word {
    fn kind(&self) -> Kind {
        Kind(match self {
            Self::Ask(_) => 1,
            Self::Answer(_) => 2,
            Self::Patience(_) => 3,
            Self::Back => 4,
            Self::Lost(_) => 5,
        })
    }

    fn entity(&self) -> Entity {
        match self {
            Self::Ask(nth) | Self::Answer(nth) | Self::Patience(nth) => Entity(*nth),
            Self::Back | Self::Lost(_) => Entity(0),
        }
    }

    fn disconnected(peer: NodeId) -> Option<Self> {
        Some(Self::Lost(peer))
    }
}

/// A client that asks until it is answered, and a server that counts how often it was asked.
#[derive(Clone, Debug, Default)]
struct Talk {
    open: Vec<u64>,
    heard: Vec<(Instant, NodeId, Word)>,
    clocks: Vec<(Instant, Instant)>,
    /// Lost when the server crashes.
    mood: u32,
}

impl Talk {
    fn ask(nth: u64, context: &mut Context<'_, Word>) {
        context.send(SERVER, Word::Ask(nth));
        context.timer(Span::from_secs(1), Word::Patience(nth));
    }
}

impl Model for Talk {
    type Payload = Word;

    fn handle(&mut self, delivery: Delivery<Word>, context: &mut Context<'_, Word>) {
        let Delivery { from, to, payload: word, .. } = delivery;
        let crash = if to == SERVER { context.fate(from, word.entity()) } else { None };
        if crash.is_none_or(|crash| crash.moment != Moment::Before) {
            self.heard.push((context.uptime(), to, word));
            self.clocks.push((context.uptime(), context.now()));
            match word {
                Word::Ask(nth) => {
                    self.mood += 1;
                    context.send(CLIENT, Word::Answer(nth));
                }
                Word::Answer(nth) => self.open.retain(|open| *open != nth),
                Word::Patience(nth) if self.open.contains(&nth) => {
                    context.waited();
                    Self::ask(nth, context);
                }
                Word::Patience(_) | Word::Back | Word::Lost(_) => {}
            }
        }
        if let Some(crash) = crash {
            self.mood = 0;
            context.crash(crash, Word::Back);
        }
    }

    fn idle(&self) -> bool {
        self.open.is_empty()
    }
}

fn at(millis: u64) -> Instant {
    Instant::ZERO + Span::from_millis(millis)
}

/// A fault at the first opportunity there is.
fn once(fault: &'static Fault) -> ScriptedFault {
    ScriptedFault { times: 1, ..ScriptedFault::always(fault) }
}

fn talk(ordered: bool, faults: &FaultPlan, choices: Choices) -> Simulation<Talk> {
    talk_over(Link { base: BASE, jitter: Span::ZERO, ordered }, faults, choices)
}

fn talk_over(link: Link, faults: &FaultPlan, choices: Choices) -> Simulation<Talk> {
    let kernel = Kernel::new(Links::new(2, link), choices, Holds::default());
    let mut kernel = kernel.with_faults(faults);
    let open = vec![0, 1, 2];
    for &nth in &open {
        Talk::ask(nth, &mut kernel.context(CLIENT));
    }
    Simulation { kernel, model: Talk { open, ..Talk::default() } }
}

/// A run with one scripted fault, which comes to rest.
fn under(scripted: ScriptedFault, ordered: bool) -> Simulation<Talk> {
    let recovery_from = at(60_000);
    let faults = FaultPlan { scripted: vec![scripted], fuzz: Fuzz::default(), recovery_from };
    let mut simulation = talk(ordered, &faults, Choices::default());
    assert_eq!(simulation.run(&Budget::default()), Stop::AtRest);
    simulation
}

fn heard(simulation: &Simulation<Talk>, word: Word) -> Vec<Instant> {
    let heard = simulation.model.heard.iter();
    heard.filter(|(_, _, said)| *said == word).map(|(at, ..)| *at).collect()
}

/// How often faults fired in a run, and how often they were seen.
fn account(ledger: &FaultLedger) -> (u64, u64) {
    ledger.fired.iter().fold((0, 0), |(fired, seen), at| (fired + at.fired, seen + at.seen))
}

#[test]
fn a_lost_message_is_seen_by_the_node_that_waits_for_it() {
    let run = under(ScriptedFault { kind: Some(Kind(2)), ..once(&DROP) }, false);
    assert_eq!(heard(&run, Word::Ask(0)), [at(1), at(1001)]);
    assert_eq!(heard(&run, Word::Answer(0)), [at(1002)]);
    assert_eq!(account(&run.kernel.ledger()), (1, 1));
    let record = run.kernel.ledger().scripted[0];
    assert_eq!((record.opportunities, record.fired, record.seen), (4, 1, 1));
}

#[test]
fn a_duplicated_message_arrives_twice() {
    let run = under(once(&DUPLICATE), false);
    assert_eq!(heard(&run, Word::Ask(0)), [at(1), at(101)]);
    assert_eq!(account(&run.kernel.ledger()), (1, 1));
}

#[test]
fn a_late_message_delays_those_behind_it_only_on_a_shared_connection() {
    for ordered in [false, true] {
        let run = under(once(&DELAY), ordered);
        assert_eq!(heard(&run, Word::Ask(0)), [at(201)]);
        assert_eq!(heard(&run, Word::Ask(1)), [at(if ordered { 201 } else { 1 })]);
        assert_eq!(account(&run.kernel.ledger()), (1, 1));
    }
}

#[test]
fn a_reordered_message_arrives_after_the_next() {
    let run = under(once(&REORDER), false);
    assert_eq!((heard(&run, Word::Ask(0)), heard(&run, Word::Ask(1))), (vec![at(11)], vec![at(1)]));
}

#[test]
fn a_shared_connection_loses_no_single_message() {
    for fault in [&DROP, &DUPLICATE, &REORDER] {
        let record = under(once(fault), true).kernel.ledger().scripted[0];
        assert_eq!((record.opportunities, record.fired), (0, 0), "{}", fault.name);
    }
}

#[test]
fn a_partition_cuts_both_ways_until_it_heals() {
    let scripted = ScriptedFault { until: at(1500), kind: Some(Kind(2)), ..once(&PARTITION) };
    let run = under(scripted, false);
    assert_eq!(heard(&run, Word::Ask(0)), [at(1), at(2001)], "the request at 1.000s is lost");
    assert_eq!(account(&run.kernel.ledger()), (1, 1));
    let run = under(ScriptedFault { fault: &ONE_WAY, ..scripted }, false);
    assert_eq!(heard(&run, Word::Ask(0)), [at(1), at(1001), at(2001)], "asked, and not answered");
}

#[test]
fn a_partition_that_is_scripted_with_a_length_heals_after_it_although_another_could_begin_later() {
    let scripted = ScriptedFault { size: Some(500_000), until: at(30_000), ..once(&PARTITION) };
    let run = under(scripted, false);
    assert_eq!(heard(&run, Word::Answer(0)), [at(1002)], "the request at 0.000s is lost");
}

#[test]
fn both_ends_detect_a_broken_connection() {
    let run = under(ScriptedFault { until: at(10), ..once(&PARTITION) }, true);
    let detected = Instant::ZERO + KEEP_ALIVE;
    assert_eq!(heard(&run, Word::Lost(CLIENT)), [detected]);
    assert_eq!(heard(&run, Word::Lost(SERVER)), [detected]);
    assert_eq!(heard(&run, Word::Ask(0)), [at(5001)], "what was sent before was lost");
}

#[test]
fn a_slow_pair_is_slow_both_ways_for_a_while() {
    let run = under(once(&SLOW_PAIR), false);
    assert_eq!(
        (heard(&run, Word::Ask(2)), heard(&run, Word::Answer(2))),
        (vec![at(301)], vec![at(602)])
    );
}

#[test]
fn a_crash_loses_what_was_not_sent_and_what_arrives_meanwhile() {
    let crash =
        |fault, kind| under(ScriptedFault { node: Some(SERVER), kind, ..once(fault) }, false);
    let before = crash(&CRASH_BEFORE, Some(Kind(1)));
    assert_eq!(heard(&before, Word::Ask(0)), [at(1001)]);
    assert_eq!(heard(&before, Word::Ask(1)), [at(1001)], "the first came while it was down");
    assert_eq!(heard(&before, Word::Back), [at(1001)]);
    let between = crash(&CRASH_BETWEEN, Some(Kind(1)));
    assert_eq!(heard(&between, Word::Ask(0)), [at(1), at(1001)]);
    assert_eq!(heard(&between, Word::Answer(0)), [at(1002)], "its first answer never left it");
    let after = crash(&CRASH_AFTER, Some(Kind(1)));
    assert_eq!(heard(&after, Word::Answer(0)), [at(2)]);
    assert_eq!(heard(&after, Word::Answer(1)), [at(1002)], "it was down when it was asked");
    for run in [before, between, after] {
        assert_eq!(account(&run.kernel.ledger()), (1, 1));
    }
}

#[test]
fn a_crash_breaks_connections_and_a_restart_notifies_at_once() {
    let scripted = ScriptedFault { node: Some(SERVER), kind: Some(Kind(1)), ..once(&CRASH_BEFORE) };
    let run = under(scripted, true);
    assert_eq!(heard(&run, Word::Lost(SERVER)), [at(1001)]);
    assert_eq!(heard(&run, Word::Lost(CLIENT)), [], "a restarted node has no connection to lose");
}

#[test]
fn a_paused_node_handles_everything_later_and_in_order() {
    let scripted = ScriptedFault { node: Some(SERVER), size: Some(500_000), ..once(&PAUSE) };
    let run = under(scripted, false);
    let resumed = at(501);
    assert_eq!(heard(&run, Word::Ask(0)), [at(1)], "the pause begins while it handles this");
    assert_eq!(
        (heard(&run, Word::Ask(1)), heard(&run, Word::Ask(2))),
        (vec![resumed], vec![resumed])
    );
    let order: Vec<_> = run
        .model
        .heard
        .iter()
        .filter(|(at, ..)| *at == resumed)
        .map(|(_, _, word)| *word)
        .collect();
    assert_eq!(order, [Word::Ask(1), Word::Ask(2)]);
    assert_eq!(account(&run.kernel.ledger()), (1, 1));
}

#[test]
fn a_wrong_clock_is_wrong_until_the_scripted_end() {
    for (fault, ahead) in [(&CLOCK_AHEAD, 3000), (&CLOCK_BEHIND, 0)] {
        let scripted = ScriptedFault { until: at(500), size: Some(3_000_000), ..once(fault) };
        let run =
            under(ScriptedFault { node: Some(SERVER), kind: Some(Kind(1)), ..scripted }, false);
        let shown: Vec<_> = run.model.clocks.iter().map(|(_, shown)| *shown).collect();
        assert_eq!(shown[0], at(if ahead > 0 { 3001 } else { 0 }));
        assert_eq!(shown[3], at(2), "the client's clock is right");
        assert_eq!(account(&run.kernel.ledger()).0, 1);
        assert!(account(&run.kernel.ledger()).1 > 0);
    }
}

#[test]
fn no_fault_fires_in_the_recovery_phase() {
    let always = ScriptedFault { times: u64::MAX, ..once(&DROP) };
    let faults =
        FaultPlan { scripted: vec![always], recovery_from: at(5500), ..FaultPlan::default() };
    let mut run = talk(false, &faults, Choices::default());
    assert_eq!(run.run(&Budget::default()), Stop::AtRest);
    assert_eq!(heard(&run, Word::Ask(0)), [at(6001)]);
}

fn everything(budget: u32) -> FaultPlan {
    let faults = LINK_FAULTS.iter().chain(NODE_FAULTS).copied().collect();
    FaultPlan { scripted: Vec::new(), fuzz: Fuzz { faults, budget }, recovery_from: at(60_000) }
}

fn seeded(seed: u64) -> Choices {
    let mut choices = Choices::new(Policy::seeded(seed), Overrides::default());
    choices.listen();
    choices
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    prop::sample::select(Schedule::all().collect::<Vec<_>>())
}

/// Departures from the seed, of which the first few occurrences and the later ones have some.
fn any_branches() -> impl Strategy<Value = Vec<Branch>> {
    let branch = (1..40_u64, any::<u64>());
    let branch = branch.prop_map(|(step, seed)| Branch { step: Step(step), seed });
    prop::collection::vec(branch, 0..3)
}

#[test]
fn a_seed_decides_which_faults_fire_and_the_budget_bounds_their_number() {
    let fired = |seed| {
        let mut run = talk(false, &everything(4), seeded(seed));
        assert_eq!(run.run(&Budget::default()), Stop::AtRest);
        account(&run.kernel.ledger()).0
    };
    let counts: Vec<u64> = (0..200).map(fired).collect();
    assert!(counts.iter().all(|count| *count <= 4));
    assert!(counts.contains(&0) && counts.iter().any(|count| *count > 1), "{counts:?}");
}

#[test]
fn a_branch_draws_the_faults_again_within_the_same_budget() {
    let fired = |seed, branches: &[Branch]| {
        let choices = Choices::new(Policy::seeded(seed), Overrides::default());
        let mut run = talk(false, &everything(4), choices.with_branches(branches));
        assert_eq!(run.run(&Budget::default()), Stop::AtRest);
        account(&run.kernel.ledger()).0
    };
    let at = |step, seed| Branch { step: Step(step), seed };
    for seed in 0..20 {
        let branches = |other| [at(1, other), at(4, other + 500)];
        let counts: Vec<u64> = (0..100).map(|other| fired(seed, &branches(other))).collect();
        assert!(counts.iter().all(|count| *count <= 4), "seed {seed}: {counts:?}");
        assert!(counts.iter().any(|count| *count > 0), "also where the seed itself draws none");
    }
}

#[test]
fn nothing_is_drawn_without_a_fault_plan() {
    let decisions = |faults: &FaultPlan| {
        let mut run = talk(false, faults, seeded(3));
        run.run(&Budget::default());
        run.kernel.choices().decisions().len()
    };
    assert_eq!(decisions(&FaultPlan::default()), 0);
    assert!(decisions(&everything(4)) > 0);
}

proptest! {
    #[test]
    fn forcing_the_logged_choices_without_a_fuzz_plan_repeats_the_run(
        seed: u64, ordered: bool, schedule in any_schedule(), branches in any_branches(),
    ) {
        let link = Link { base: BASE, jitter: Span::from_millis(3), ordered };
        let policy = Policy::of(schedule, seed);
        let mut choices = Choices::new(policy, Overrides::default()).with_branches(&branches);
        choices.listen();
        let mut first = talk_over(link, &everything(6), choices);
        prop_assert_eq!(first.run(&Budget::default()), Stop::AtRest);
        let drawn = first.kernel.choices().decisions().iter();
        // Which faults can happen, and how often, shows in those that did.
        let forced = drawn.filter(|d| d.value > 0 && ![1, 2].contains(&d.key.site.index()));
        let forced: Overrides = forced.map(|d| (d.key, d.value)).collect();
        let recovery = FaultPlan { recovery_from: at(60_000), ..FaultPlan::default() };
        let mut second = talk_over(link, &recovery, Choices::new(Policy::Benign, forced));
        prop_assert_eq!(second.run(&Budget::default()), Stop::AtRest);
        prop_assert_eq!(&first.model.heard, &second.model.heard);
        prop_assert_eq!(first.kernel.digest(), second.kernel.digest());
        prop_assert_eq!(first.kernel.ledger(), second.kernel.ledger());
    }

    #[test]
    fn a_log_of_choices_changes_nothing(
        seed: u64, ordered: bool, schedule in any_schedule(), branches in any_branches(),
    ) {
        let run = |log: bool| {
            let policy = Policy::of(schedule, seed);
            let mut choices = Choices::new(policy, Overrides::default()).with_branches(&branches);
            if log {
                choices.listen();
            }
            let link = Link { base: BASE, jitter: Span::from_millis(3), ordered };
            let mut run = talk_over(link, &everything(2), choices);
            run.run(&Budget::default());
            (run.kernel.digest(), run.kernel.ledger())
        };
        prop_assert_eq!(run(true), run(false));
    }

    #[test]
    fn a_client_that_asks_again_is_answered_in_the_end(seed: u64, ordered: bool) {
        let mut run = talk(ordered, &everything(10), seeded(seed));
        prop_assert_eq!(run.run(&Budget::default()), Stop::AtRest);
        prop_assert!(run.model.open.is_empty());
    }
}

#[test]
fn an_override_fires_at_one_delivery_and_no_other() {
    let actor = Actor { from: SERVER, to: CLIENT, kind: Kind(2) };
    let key = ChoiceKey { site: DROP.site, actor, entity: Entity(1), nth: 0 };
    let choices = Choices::new(Policy::Benign, [(key, 1)].into_iter().collect());
    let mut run = talk(false, &FaultPlan::default(), choices);
    assert_eq!(run.run(&Budget::default()), Stop::AtRest);
    assert_eq!(heard(&run, Word::Answer(0)), [at(2)]);
    assert_eq!(heard(&run, Word::Answer(1)), [at(1002)]);
}
