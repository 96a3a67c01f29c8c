//! The cost of the whole platform: occurrences and worlds per second, with and without checkers and trace,
//! and the set-up of a world.
//!
//! Compare figures of the same run only. `engine` is the platform with its digest and without a listener;
//! `checked` adds all checkers and metrics; `traced` also keeps every record.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jetlag::domains::flights::Flights;
use jetlag::internals::kernel::{Choices, Holds, Overrides, Policy};
use jetlag::internals::platform::Plan;
use jetlag::internals::trace::Detail;
use jetlag::internals::world::simulation;
use jetlag::scenario::Scenario;
use jetlag::session::{RunRequest, execute};

/// Three customers; each searches, holds, thinks and pays.
const SHORT: &str = r#"(
    name: "three customers",
    domain: Flights(vendors: [
        (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 9, fare: "420.00 EUR")]),
        (id: V2, gds: Amadeus, flights: [(id: "LH1803", seats: 9, fare: "310.50 EUR")]),
        (id: V3, gds: Sabre, flights: [(id: "DL0145", seats: 9, fare: "99.99 EUR")]),
    ]),
    script: [
        (at: "0s", who: "ana", does: Book),
        (at: "1ms", who: "ben", does: Book),
        (at: "2ms", who: "cem", does: Book),
    ],
)"#;

/// A thousand customers in twenty seconds.
const LONG: &str = r#"(
    name: "a thousand customers",
    domain: Flights(vendors: [
        (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 400, fare: "420.00 EUR")]),
        (id: V2, gds: Amadeus, flights: [(id: "LH1803", seats: 400, fare: "310.50 EUR")]),
        (id: V3, gds: Sabre, flights: [(id: "DL0145", seats: 400, fare: "99.99 EUR")]),
    ]),
    workload: (customers: 1000, rate: "50/s", lasts: "20s", mix: [(1, Book)]),
)"#;

fn scenario(text: &str) -> Scenario<Flights> {
    Scenario::load("bench.ron", text.as_bytes()).expect("the scenario is sound")
}

/// Runs the platform without a listener; the number of occurrences.
fn engine(plan: &Arc<Plan<Flights>>, seed: u64) -> u64 {
    let choices = Choices::new(Policy::seeded(seed), Overrides::default());
    let mut simulation = simulation(plan, choices, Holds::default(), ());
    simulation.run(&plan.budget);
    black_box(simulation.kernel.digest());
    simulation.kernel.steps()
}

fn listened(scenario: &Scenario<Flights>, seed: u64, trace: bool) -> u64 {
    let detail = trace.then_some(Detail::Everything);
    let finished = execute(scenario, &RunRequest { detail, ..RunRequest::of_seed(seed) });
    assert!(finished.violations.is_empty(), "{:?}", finished.violations);
    finished.occurrences
}

fn platform(criterion: &mut Criterion) {
    let (short, long) = (scenario(SHORT), scenario(LONG));

    let mut group = criterion.benchmark_group("occurrences");
    group.sample_size(10).throughput(Throughput::Elements(engine(&long.plan, 1)));
    group.bench_function("engine", |bencher| bencher.iter(|| engine(&long.plan, 1)));
    group.bench_function("checked", |bencher| bencher.iter(|| listened(&long, 1, false)));
    group.bench_function("traced", |bencher| bencher.iter(|| listened(&long, 1, true)));
    group.finish();

    let mut group = criterion.benchmark_group("worlds");
    group.throughput(Throughput::Elements(1));
    let mut seed = 0;
    let mut next = move || {
        seed += 1;
        seed
    };
    group.bench_function("engine", |bencher| bencher.iter(|| engine(&short.plan, next())));
    group.bench_function("checked", |bencher| bencher.iter(|| listened(&short, next(), false)));
    group.bench_function("traced", |bencher| bencher.iter(|| listened(&short, next(), true)));
    group.bench_function("set-up", |bencher| {
        bencher.iter(|| {
            let choices = Choices::new(Policy::seeded(next()), Overrides::default());
            simulation(&short.plan, choices, Holds::default(), ())
        });
    });
    group.finish();
}

criterion_group!(benches, platform);
criterion_main!(benches);
