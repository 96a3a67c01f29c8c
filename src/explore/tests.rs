//! Campaigns over the toy domain.

mod merge;

use std::sync::Mutex;

use super::*;
use crate::scenario::Scenario;
use crate::session::{Repeat, RunOutcome, Verdict};
use crate::testing::{Counting, FICKLE, PANICS, TOO_MUCH};

fn scenario(name: &str, script: &str) -> Scenario<Counting> {
    let text =
        format!("(name: \"{name}\", domain: Counting, fuzz: (faults: [All], budget: 4), {script})");
    Scenario::load(&format!("{name}.ron"), text.as_bytes()).expect("it is valid")
}

/// Three customers add.
fn sound() -> Scenario<Counting> {
    scenario(
        "sound",
        "script: [(who: \"ana\", does: Add(counter: 0, amount: 1)),
                  (who: \"ben\", does: Add(counter: 0, amount: 2))]",
    )
}

/// Some of many customers ask for what makes the domain panic.
fn unsound() -> Scenario<Counting> {
    let mix = format!("(60, Add(counter: 0, amount: 1)), (1, Add(counter: 1, amount: {PANICS}))");
    let workload = format!("workload: (customers: 6, rate: \"20/s\", lasts: \"1s\", mix: [{mix}])");
    scenario("unsound", &workload)
}

/// Some customers add too much.
fn immodest() -> Scenario<Counting> {
    let much = |counter| format!("(1, Add(counter: {counter}, amount: {TOO_MUCH}))");
    let mix = format!("(30, Add(counter: 0, amount: 1)), {}, {}", much(0), much(1));
    let workload = format!("workload: (customers: 6, rate: \"20/s\", lasts: \"1s\", mix: [{mix}])");
    scenario("immodest", &workload)
}

/// No run of it comes to rest.
fn restless() -> Scenario<Counting> {
    let script = "script: [(at: \"9s\", who: \"ana\", does: Add(counter: 0, amount: 1))]";
    scenario("restless", &format!("{script}, budget: (until: \"1s\")"))
}

const SETTINGS: Settings =
    Settings { seed: 7, schedule: crate::kernel::Schedule::Mixture, block: 32 };

/// Remembers what it is told, and stops the campaign after a number of runs.
#[derive(Debug, Default)]
struct Diary {
    stops_after: Option<u64>,
    runs: std::sync::atomic::AtomicU64,
    found: Mutex<Vec<Finding>>,
    states: Mutex<Vec<State>>,
}

impl Host for Diary {
    fn stop(&self) -> Option<Ended> {
        let runs = self.runs.load(std::sync::atomic::Ordering::Relaxed);
        self.stops_after.filter(|most| runs >= *most).map(|_| Ended::Interrupted)
    }

    fn ran(&self) {
        self.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn found(&self, finding: &Finding) {
        self.found.lock().expect("no panic").push(finding.clone());
    }

    fn finished(&self, state: &State) {
        self.states.lock().expect("no panic").push(state.clone());
    }
}

/// A campaign over a sound file and three that are not.
fn mixed<T>(settings: Settings, work: impl FnOnce(&Plan<'_>) -> T) -> T {
    let (sound, unsound, immodest, restless) = (sound(), unsound(), immodest(), restless());
    work(&Plan::new(vec![&sound, &unsound, &immodest, &restless], settings, 2))
}

fn run(plan: &Plan<'_>, runs: u64, jobs: usize) -> Campaign {
    campaign(plan, State::new(plan, "a"), Extent { jobs, ..Extent::of_runs(runs) }, &())
}

#[test]
fn the_number_of_threads_has_no_influence() {
    mixed(SETTINGS, |plan| {
        let one = run(plan, 150, 1);
        assert_eq!(
            (one.tally.runs, one.tally.findings.len()),
            (150, 3),
            "{:?}",
            one.tally.findings
        );
        assert_eq!(one.verdict(), Verdict::Failed);
        assert!(one.tally.relatives > 15, "{} runs depart from others", one.tally.relatives);
        for jobs in [2, 5] {
            assert_eq!(run(plan, 150, jobs).tally, one.tally, "{jobs} jobs");
        }
    });
}

#[test]
fn runs_that_fail_in_the_same_way_are_one_finding_with_the_capsule_of_the_first() {
    mixed(SETTINGS, |plan| {
        let diary = Diary::default();
        let extent = Extent { jobs: 3, ..Extent::of_runs(150) };
        let found = campaign(plan, State::new(plan, "a"), extent, &diary);
        let announced = diary.found.into_inner().expect("no panic");
        for finding in found.tally.findings.values() {
            assert!(finding.times > 3 && !finding.capsule.is_empty(), "{finding:?}");
            let same = |other: &&Finding| other.failure.identity() == finding.failure.identity();
            let last = announced.iter().rfind(same).expect("it was announced");
            assert_eq!((last.run, &last.capsule), (finding.run, &finding.capsule));
        }
        let files: Vec<&str> =
            found.findings().iter().map(|(_, found)| found.file.as_str()).collect();
        assert!(
            ["unsound.ron", "immodest.ron", "restless.ron"].iter().all(|file| files.contains(file))
        );
        // Any customer, any amount, any counter: one failure.
        let modest = found.tally.findings.values().find(|found| found.failure.property == "modest");
        let Failure { roles, says, .. } = &modest.expect("it was found").failure;
        assert!(
            says.contains("added 1000000 to k-") && roles.ends_with(" added # to #"),
            "{roles}"
        );
        // What is known is neither recorded nor announced again.
        assert!(announced.len() < 10, "{}", announced.len());
    });
}

#[test]
fn a_campaign_that_was_killed_goes_on_and_ends_the_same() {
    mixed(SETTINGS, |plan| {
        let diary = Diary::default();
        let extent = Extent { jobs: 2, ..Extent::of_runs(150) };
        let whole = campaign(plan, State::new(plan, "a"), extent, &diary);
        let states = diary.states.into_inner().expect("no panic");
        assert_eq!(states.len(), 6, "a state at the beginning and after each block");
        for state in states {
            let text = serde_json::to_string(&state).expect("it can be written");
            let state: State = serde_json::from_str(&text).expect("it can be read");
            let made = state.whole().runs;
            let rest = Diary::default();
            let again = campaign(plan, state.followed_by(plan, "a"), extent, &rest);
            assert_eq!(again.tally, whole.tally);
            assert_eq!(rest.runs.into_inner(), 150 - made, "what is done is not done again");
        }
    });
}

#[test]
fn a_campaign_that_was_interrupted_goes_on_and_ends_the_same() {
    mixed(SETTINGS, |plan| {
        let extent = Extent { jobs: 2, ..Extent::of_runs(150) };
        let whole = run(plan, 150, 2);
        for most in [20, 80] {
            let diary = Diary { stops_after: Some(most), ..Diary::default() };
            let part = campaign(plan, State::new(plan, "a"), extent, &diary);
            assert_eq!(part.verdict(), Verdict::Interrupted);
            assert!((1..150).contains(&part.tally.runs), "{}", part.tally.runs);
            let last = diary.states.into_inner().expect("no panic").pop().expect("it was kept");
            assert_eq!(last.whole(), part.tally, "what is printed is what is kept");
            let again = campaign(plan, last.followed_by(plan, "a"), extent, &());
            assert_eq!((again.verdict(), &again.tally), (Verdict::Failed, &whole.tally));
        }
    });
}

#[test]
fn machines_that_share_a_campaign_make_its_runs() {
    mixed(SETTINGS, |plan| {
        let whole = run(plan, 150, 2).tally;
        let mut sum = Tally::default();
        for index in [2, 0, 1] {
            let shard = Shard::new(index, 3).expect("one of three");
            let extent = Extent { shard, ..Extent::of_runs(150) };
            sum.merge(&campaign(plan, State::new(plan, "a"), extent, &()).tally);
        }
        assert_eq!(sum, whole);
    });
}

#[test]
fn a_longer_campaign_begins_with_the_runs_of_a_shorter_one() {
    mixed(SETTINGS, |plan| {
        let diary = Diary::default();
        campaign(plan, State::new(plan, "a"), Extent::of_runs(50), &diary);
        let state = diary.states.into_inner().expect("no panic").pop().expect("it was kept");
        let longer = campaign(plan, state.followed_by(plan, "a"), Extent::of_runs(100), &());
        assert_eq!(longer.tally, run(plan, 100, 1).tally);
    });
}

#[test]
fn another_build_begins_again_and_compares_what_it_finds() {
    let (fails, holds) = (unsound(), scenario("unsound", "seed: 2"));
    let plan = Plan::new(vec![&fails], SETTINGS, 1);
    let diary = Diary::default();
    let first = campaign(&plan, State::new(&plan, "a"), Extent::of_runs(40), &diary);
    assert_eq!(standings(&first), [Standing::New]);
    let state = diary.states.into_inner().expect("no panic").pop().expect("it was kept");

    let next = campaign(&plan, state.clone().followed_by(&plan, "b"), Extent::of_runs(40), &());
    assert_eq!((next.tally.runs, standings(&next)), (40, vec![Standing::StillThere]));

    let plan = Plan::new(vec![&holds], SETTINGS, 1);
    let state = state.followed_by(&plan, "b");
    let short = campaign(&plan, state.clone(), Extent::of_runs(39), &());
    assert_eq!((short.verdict(), standings(&short)), (Verdict::Held, vec![Standing::NotYet]));
    let long = campaign(&plan, state, Extent::of_runs(40), &());
    assert_eq!((long.verdict(), standings(&long)), (Verdict::Held, vec![Standing::Gone]));
}

fn standings(campaign: &Campaign) -> Vec<Standing> {
    campaign.findings().iter().map(|(standing, _)| *standing).collect()
}

#[test]
fn a_domain_that_is_not_a_function_is_noticed() {
    let script = format!("script: [(who: \"ana\", does: Add(counter: 0, amount: {FICKLE}))]");
    let fickle = scenario("fickle", &script);
    let plan = Plan::new(vec![&fickle], SETTINGS, 1);
    let found = run(&plan, 150, 2);
    assert_eq!(found.verdict(), Verdict::Unrepeatable);
    let RunOutcome { repeat, .. } = found.ended_by().expect("a run ended it");
    let Some(Repeat::Different { first_difference, .. }) = repeat else { panic!("{repeat:?}") };
    assert!(first_difference.contains("stores k-0 v0 → v1 @1: Added"), "{first_difference}");
}

#[test]
fn runs_without_a_verdict_do_not_fail_a_campaign_that_also_has_failures() {
    let restless = restless();
    let plan = Plan::new(vec![&restless], SETTINGS, 1);
    assert_eq!(run(&plan, 20, 1).verdict(), Verdict::Open);
}
