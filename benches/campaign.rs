//! The speed of a campaign on one core: occurrences and runs per second with drawn faults, all checkers and
//! metrics, and no trace.
//!
//! Every file gets about the same number of occurrences, as in a campaign, and always the same seeds: two
//! versions with equal digests do the same work. `mixture` is the work of most campaigns. `erasure` is a file
//! in which customers may ask for erasure, so that everything is searched for their data; `replay` is the file
//! with the longest runs.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jetlag::domains::harness;
use jetlag::session::{AnyScenario, Faults, RunRequest};

const MIXTURE: &[&str] = &[
    "accounts/chaos.ron",
    "accounts/transfer.ron",
    "flights/cache_stampede.ron",
    "flights/multi_vendor_saga.ron",
    "flights/payment_ok_issue_fails.ron",
    "flights/read_your_writes.ron",
    "orders/cancel_vs_ship_race.ron",
    "orders/place_pay_ship.ron",
];
const ERASURE: &[&str] = &["flights/gdpr_erasure.ron"];
const REPLAY: &[&str] = &["flights/projection_replay.ron"];

/// The least number of occurrences of each file.
const SHARE: u64 = 20_000;

/// Files, each with the number of its runs.
struct Work {
    files: Vec<(Box<dyn AnyScenario>, u64)>,
    runs: u64,
    occurrences: u64,
}

fn run(scenario: &dyn AnyScenario, seed: u64) -> u64 {
    let outcome =
        scenario.run(&RunRequest { seed, faults: Faults::Fuzzed, ..RunRequest::default() });
    assert!(outcome.violations.is_empty(), "seed {seed}: {:?}", outcome.violations);
    black_box(outcome.digest);
    outcome.occurrences
}

impl Work {
    fn of(paths: &[&str]) -> Self {
        let mut work = Self { files: Vec::new(), runs: 0, occurrences: 0 };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        for path in paths {
            let scenario = harness().read(&folder.join(path)).expect("a shipped file is sound");
            let (mut runs, mut occurrences) = (0, 0);
            while occurrences < SHARE {
                occurrences += run(&*scenario, runs);
                runs += 1;
            }
            work.files.push((scenario, runs));
            work.runs += runs;
            work.occurrences += occurrences;
        }
        work
    }

    fn again(&self) {
        for (scenario, runs) in &self.files {
            for seed in 0..*runs {
                run(&**scenario, seed);
            }
        }
    }
}

fn campaign(criterion: &mut Criterion) {
    let mixture = Work::of(MIXTURE);

    let mut group = criterion.benchmark_group("campaign occurrences");
    group.sample_size(20);
    for (name, work) in
        [("mixture", &mixture), ("erasure", &Work::of(ERASURE)), ("replay", &Work::of(REPLAY))]
    {
        group.throughput(Throughput::Elements(work.occurrences));
        group.bench_function(name, |bencher| bencher.iter(|| work.again()));
    }
    group.finish();

    let mut group = criterion.benchmark_group("campaign runs");
    group.sample_size(20).throughput(Throughput::Elements(mixture.runs));
    group.bench_function("mixture", |bencher| bencher.iter(|| mixture.again()));
    group.finish();
}

criterion_group!(benches, campaign);
criterion_main!(benches);
