//! Recorded runs: what is recorded replays as the same run, in any process and after changes elsewhere.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::path::{Path, PathBuf};

use jetlag::capsule::{Encoding, record};
use jetlag::domains;
use jetlag::harness::AnyScenario;
use jetlag::session::{Reproduced, Reproduction, RunOutcome, RunRequest, Verdict};
use rayon::prelude::*;

/// A booking that is paid for, and a reader; each run may have faults.
const TRIP: &str = r#"(
    name: "trip",
    domain: Flights(vendors: [
        (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 9, fare: "420.00 EUR")]),
    ]),
    script: [
        (who: "ana", does: Hold(flight: "IB6251")),
        (at: "1s", who: "ben", does: Browse),
        (at: "2s", who: "ana", does: Pay),
    ],
    workload: (customers: 3, rate: "2/s", lasts: "2s", mix: [(1, Browse), (1, Hold(flight: "IB6251"))]),
    fuzz: (faults: [All], budget: 6),
)"#;

fn shipped(file: &str) -> Box<dyn AnyScenario> {
    let path = format!("scenarios/{file}.ron");
    domains::harness().read(Path::new(&path)).expect("a shipped scenario")
}

fn fuzzed(seed: u64) -> RunRequest {
    RunRequest::fuzzed(seed)
}

fn load(path: &str, text: &str) -> Box<dyn AnyScenario> {
    domains::harness().load(path, text.as_bytes()).unwrap_or_else(|wrong| {
        panic!("{}\n{text}", wrong.iter().map(ToString::to_string).collect::<String>())
    })
}

/// The run of a capsule, and how it compares with what was recorded.
fn replay(path: &str, text: &str) -> (RunOutcome, Reproduction) {
    let capsule = load(path, text);
    let outcome = capsule.run(&capsule.request());
    let found = outcome.reproduction.clone().expect("it replays a capsule");
    (outcome, found)
}

/// Records a run, reads its text as another process would, and runs that.
fn assert_replays(scenario: &dyn AnyScenario, request: &RunRequest) -> Encoding {
    let outcome = scenario.run(request);
    let recorded = record(scenario, &outcome);
    let text = recorded.text_at("findings/x.ron");
    let (again, found) = replay("x.ron", &text);
    assert!(recorded.is_verified, "seed {}\n{text}", request.seed);
    assert_eq!(found.result, Reproduced::Exactly, "{found:?}\n{text}");
    assert_eq!(found.differs().next(), None, "{text}");
    assert_eq!(again.verdict(), outcome.verdict());
    recorded.encoding
}

/// A scenario in a folder of its own, and where a capsule beside it would be.
struct Beside(PathBuf);

impl Beside {
    fn new(test: &str, text: &str) -> Self {
        let name = format!("jetlag-capsule-{}-{test}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a temporary folder");
        fs::write(folder.join("trip.ron"), text).expect("a temporary file");
        Self(folder)
    }

    fn scenario(&self) -> Box<dyn AnyScenario> {
        domains::harness().read(&self.0.join("trip.ron")).expect("it is valid")
    }

    fn capsule(&self) -> String {
        self.0.join("capsule.ron").display().to_string()
    }

    /// The text of a recorded run, in which at least one fault fired.
    fn recorded(&self) -> String {
        let scenario = self.scenario();
        let fired = |seed: &u64| !scenario.run(&fuzzed(*seed)).fired.is_empty();
        let seed = (0..200).find(fired).expect("a run with a fault");
        record(&*scenario, &scenario.run(&fuzzed(seed))).text()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_recorded_run_replays_exactly() {
    for file in [
        "flights/hold_seat",
        "flights/pay_capture_issue",
        "orders/place_pay_ship",
        "accounts/chaos",
    ] {
        let scenario = shipped(file);
        assert_replays(&*scenario, &scenario.request());
        for seed in 0..4 {
            assert_replays(&*scenario, &fuzzed(seed));
        }
    }
}

#[test]
fn a_run_without_a_verdict_is_recorded_as_that() {
    let text = TRIP.replace("fuzz:", "budget: (until: \"2s\"), fuzz:");
    let beside = Beside::new("open", &text);
    let scenario = beside.scenario();
    let outcome = scenario.run(&fuzzed(3));
    assert_eq!(outcome.verdict(), Verdict::Open);
    let (again, found) = replay(&beside.capsule(), &record(&*scenario, &outcome).text());
    assert_eq!((again.verdict(), found.result), (Verdict::Open, Reproduced::Exactly));
    assert!(found.expected.contains("did not come to rest"), "{}", found.expected);
}

#[test]
fn a_line_of_the_script_and_an_arrival_can_be_left_out() {
    let beside = Beside::new("lines", TRIP);
    let scenario = beside.scenario();
    let whole = scenario.run(&RunRequest::of_seed(1));
    let text = record(&*scenario, &whole).text();
    assert!(text.contains("script: [") && text.contains("arrivals: ["), "{text}");
    let paid = |text: &str| {
        let (run, found) = replay(&beside.capsule(), text);
        (run.events, found.result)
    };
    assert_eq!(paid(&text), (whole.events, Reproduced::Exactly), "{text}");
    let pays = "(line: 3, who: \"ana\")";
    assert!(text.contains(pays), "{text}");
    let without = text.replace(pays, "").replace(",\n        ,", ",");
    let (events, result) = paid(&without);
    assert!(events < whole.events, "{events} of {} events", whole.events);
    assert_eq!(result, Reproduced::InEffect);
    let begin = text.find("arrivals: [").expect("a list") + "arrivals: [".len();
    let end = begin + text[begin..].find(']').expect("its end");
    let none = format!("{}{}", &text[..begin], &text[end..]);
    assert!(paid(&none).0 < whole.events);
}

#[test]
fn a_capsule_that_does_not_fit_its_scenario_says_which_entries_have_no_effect() {
    let beside = Beside::new("unused", TRIP);
    let text = beside.recorded();
    let at = text.find("nth: ").expect("an entry") + "nth: ".len();
    let shifted = format!("{}9{}", &text[..at], &text[at..]);
    let (run, found) = replay(&beside.capsule(), &shifted);
    assert_eq!(run.verdict(), Verdict::Held);
    assert!(found.unused[0].starts_with("never drawn: "), "{found:?}\n{shifted}");
    assert!(found.departs[0].starts_with("the runs "), "{found:?}");
}

#[test]
fn a_choice_that_could_be_something_else_is_where_a_run_diverges() {
    let beside = Beside::new("choice", TRIP);
    let text = beside.recorded();
    let at = text.find("draw: ").expect("an entry");
    let of = at + text[at..].find("of: ").expect("the largest value") + "of: ".len();
    // Another value, so that the run is another one; and another largest value.
    let values = of + text[of..].find("values: [(").expect("its values") + "values: [(".len();
    let comma = values + text[values..].find(',').expect("a value") + 1;
    let end = comma + text[comma..].find(')').expect("its end");
    let other = format!("{}123456789{} 1{}", &text[..of], &text[of + 1..comma], &text[end..]);
    let (_, found) = replay(&beside.capsule(), &other);
    let departs = found.departs.join("\n");
    assert!(departs.contains(": it could be up to 123456789"), "{departs}\n{other}");
}

#[test]
fn a_capsule_that_expects_a_failure_and_holds_is_not_reproduced_and_no_failure() {
    let beside = Beside::new("holds", TRIP);
    let text = beside.recorded();
    let fails =
        "expect: Fails(property: \"single-capture\", roles: \"booking was captured twice\"),";
    let (begin, end) = text.split_once("expect: Holds,").expect("it holds");
    let (run, found) = replay(&beside.capsule(), &format!("{begin}{fails}{end}"));
    assert_eq!((run.verdict(), found.result), (Verdict::Open, Reproduced::Not));
    assert_eq!(found.ends.as_deref(), Some("every property held"));
    assert_eq!(
        found.differs().collect::<Vec<_>>(),
        ["it ends in another way: every property held"]
    );
}

#[test]
fn a_changed_scenario_is_named_and_the_run_goes_on() {
    let beside = Beside::new("changed", TRIP);
    let text = beside.recorded();
    fs::write(beside.0.join("trip.ron"), TRIP.replace("420.00", "421.00")).expect("a file");
    let (_, found) = replay(&beside.capsule(), &text);
    assert!(found.changed[0].ends_with("trip.ron has changed since"), "{found:?}");
    assert_ne!(found.result, Reproduced::Exactly);
}

#[test]
fn errors_in_a_capsule_are_told_with_their_place() {
    let beside = Beside::new("errors", TRIP);
    let text = beside.recorded();
    let wrong = |from: &str, to: &str| {
        let text = text.replacen(from, to, 1);
        let loaded = domains::harness().load(&beside.capsule(), text.as_bytes());
        let wrong = loaded.map(|_| text).expect_err("there is an error in it");
        assert!(wrong.iter().all(|wrong| wrong.position.is_some()), "{wrong:?}");
        wrong.iter().map(ToString::to_string).collect::<String>()
    };
    let unknown = wrong("digest:", "diggest:");
    assert!(unknown.contains("there is no field `diggest` here"), "{unknown}");
    assert!(unknown.contains("did you mean `digest`?"), "{unknown}");
    let node = wrong("at: \"customers\"", "at: \"custamers\"");
    assert!(node.contains("there is no node `custamers`"), "{node}");
    assert!(node.contains("did you mean `customers`?"), "{node}");
    let line = wrong("(line: 3, who: \"ana\")", "(line: 3, who: \"ben\")");
    assert!(line.contains("line 3 is not of `ben`"), "{line}");
}

#[test]
fn a_scenario_with_added_faults_is_recorded_with_its_text() {
    let beside = Beside::new("inline", TRIP);
    let mut scenario = beside.scenario();
    scenario.inject("Pause, node: \"store\", by: \"2s\"").expect("it is valid");
    let outcome = scenario.run(&scenario.request());
    let text = record(&*scenario, &outcome).text();
    assert!(text.contains("scenario: Inline("), "{text}");
    assert_eq!(replay("elsewhere.ron", &text).1.result, Reproduced::Exactly);
}

#[test]
fn the_run_of_a_capsule_can_be_recorded_again() {
    let beside = Beside::new("again", TRIP);
    let text = beside.recorded();
    let capsule = load(&beside.capsule(), &text);
    let outcome = capsule.run(&capsule.request());
    let again = record(&*capsule, &outcome).text();
    assert_eq!(replay(&beside.capsule(), &again).0.digest, outcome.digest);
}

/// The file of each of this many runs. The files share them by occurrences, as in a campaign: each run is of a file
/// that has had least.
fn shared(scenarios: &[Box<dyn AnyScenario>], runs: u64) -> Vec<usize> {
    let cost = |scenario: &dyn AnyScenario| scenario.run(&scenario.request()).occurrences;
    let costs: Vec<u64> = scenarios.iter().map(|scenario| cost(&**scenario)).collect();
    let mut spent: BinaryHeap<Reverse<(u64, usize)>> =
        (0..costs.len()).map(|file| Reverse((costs[file], file))).collect();
    let mut next = || {
        let Reverse((had, file)) = spent.pop().expect("there are files");
        spent.push(Reverse((had + costs[file], file)));
        file
    };
    (0..runs).map(|_| next()).collect()
}

/// A livelock of a quarter of an hour. Its faults are over after half a minute.
#[test]
fn of_a_long_run_that_failed_the_beginning_is_enough() {
    let text = fs::read_to_string("scenarios/accounts/store_restored.ron").expect("it ships");
    let quiet =
        "defects: [\"queues-survive-restore\"],\n    phases: (quiet: \"15min\"),\n    fuzz: ";
    let text = text.replacen("fuzz: ", quiet, 1);
    // Otherwise the platform could not come to rest within the quiet phase.
    let redrive = "commit: \"20ms\"), broker: (redrive: \"1min\")";
    let text = text.replacen("commit: \"20ms\")", redrive, 1);
    let beside = Beside::new("livelock", &text);
    let scenario = beside.scenario();
    let outcome = scenario.run(&fuzzed(3));
    assert!(outcome.unrest.is_some(), "{:?}", outcome.verdict());
    assert!(outcome.occurrences > 200_000, "{}", outcome.occurrences);
    let recorded = record(&*scenario, &outcome);
    assert!(recorded.is_verified && recorded.encoding != Encoding::Exact);
    let text = recorded.text();
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    let (again, found) = replay(&beside.capsule(), &text);
    assert_eq!(found.result, Reproduced::Exactly, "{found:?}");
    assert_eq!(again.verdict(), outcome.verdict());
}

/// How often each encoding suffices, over fuzzed runs of the shipped scenarios; `JETLAG_CAPSULES` says of how
/// many runs.
#[test]
#[ignore = "takes minutes; ARCHITECTURE.md has the command"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "run by hand, with a number of runs"
)]
fn many_recorded_runs_replay_exactly() {
    let runs = std::env::var("JETLAG_CAPSULES").ok().and_then(|runs| runs.parse().ok());
    let harness = domains::harness();
    let files = harness.files(&[PathBuf::from("scenarios")]).expect("the shipped scenarios");
    let scenarios = files.iter().map(|file| harness.read(file).expect("a shipped scenario"));
    let scenarios: Vec<_> = scenarios.filter(|scenario| scenario.allows_faults()).collect();
    let files = shared(&scenarios, runs.unwrap_or(2000));
    let encodings = files.par_iter().enumerate().map(|(seed, file)| {
        let encoding = assert_replays(&*scenarios[*file], &fuzzed(seed as u64));
        [Encoding::Holds, Encoding::SomeDelays, Encoding::Exact].map(|it| u64::from(it == encoding))
    });
    let [holds, some, exact] =
        encodings.reduce(|| [0; 3], |a, b| [0, 1, 2].map(|nth| a[nth] + b[nth]));
    eprintln!("holds alone {holds}, with some delays {some}, every delay {exact}");
}
