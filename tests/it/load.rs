//! Workloads: when customers come, what a workload more or less changes, and what is kept of customers who left.

use std::collections::{BTreeMap, BTreeSet};

use jetlag::domains::Accounts;
use jetlag::internals::kernel::{Instant, Span, Stop};
use jetlag::internals::trace::Detail;
use jetlag::model::{CustomerId, Fact};
use jetlag::scenario::Scenario;
use jetlag::session::{Finished, RunRequest, execute};

/// A run of a bank with these workloads.
fn run(workload: &str, budget: &str, seed: u64) -> Finished<Accounts> {
    let text =
        format!("(name: \"load\", domain: Accounts(), workload: {workload}, budget: ({budget}))");
    let scenario = Scenario::<Accounts>::load("load.ron", text.as_bytes()).expect("it is valid");
    let detail = Some(Detail::Everything);
    let finished = execute(&scenario, &RunRequest { detail, ..RunRequest::of_seed(seed) });
    assert!(finished.violations.is_empty(), "{:?}", finished.violations);
    finished
}

/// The queries of a run: when each customer asked.
fn queries(finished: &Finished<Accounts>) -> BTreeMap<CustomerId, Vec<Instant>> {
    let mut queries = BTreeMap::<_, Vec<_>>::new();
    for record in &finished.trace.as_ref().expect("it was asked for").records {
        if let Fact::Queried { request, resend: false, .. } = &record.fact {
            queries.entry(request.customer).or_default().push(record.at);
        }
    }
    queries
}

/// The times of all queries of a run, in order.
fn times(workload: &str, seed: u64) -> Vec<Instant> {
    let queries = queries(&run(workload, "", seed));
    let mut times: Vec<_> = queries.into_values().flatten().collect();
    times.sort_unstable();
    times
}

fn millis(at: Instant) -> u64 {
    at.since(Instant::ZERO).as_nanos() / 1_000_000
}

const LOOK: &str = "mix: [(1, MyAccounts)]";

#[test]
fn customers_of_a_burst_come_at_one_instant_and_bursts_at_even_intervals() {
    let workload = format!("(rate: \"10/s\", arrivals: Burst(of: 5), lasts: \"1600ms\", {LOOK})");
    let found: Vec<u64> = times(&workload, 1).into_iter().map(millis).collect();
    let expected: Vec<u64> = (0..4).flat_map(|burst| [burst * 500; 5]).collect();
    assert_eq!(found, expected);
}

/// 200 runs of 10 s with 20 customers a second: 40,000 arrivals and 200 samples of a variance.
#[test]
fn the_number_of_independent_arrivals_has_the_mean_and_the_variance_of_poisson() {
    let workload = format!("(rate: \"20/s\", arrivals: Poisson, lasts: \"10s\", {LOOK})");
    // The first customer of a run is no matter of chance.
    let counts = (0..200).map(|seed| times(&workload, seed).len() as u64 - 1);
    let counts: Vec<u64> = counts.collect();
    let sum: u64 = counts.iter().sum();
    // Four standard deviations: 4 × √40,000 of the sum, and 4 × √(2 / 199) of the variance.
    assert!(sum.abs_diff(40_000) <= 800, "{sum}");
    let deviations: u64 = counts.iter().map(|count| count.abs_diff(200).pow(2)).sum();
    assert!((120..=280).contains(&(deviations / 200)), "{}", deviations / 200);
}

#[test]
fn a_ramp_and_a_sale_have_as_many_arrivals_in_each_part_as_their_rates_say() {
    let ramp = format!("(rate: \"10/s\", arrivals: Ramp(to: \"90/s\"), lasts: \"20s\", {LOOK})");
    let sale =
        format!("(rate: \"200/s\", arrivals: OnSale(half_life: \"2s\"), lasts: \"20s\", {LOOK})");
    let part = |times: &[Instant], from: u64, until: u64| {
        times.iter().filter(|at| (from * 1000..until * 1000).contains(&millis(**at))).count() as u64
    };
    for seed in 0..5 {
        let ramp = times(&ramp, seed);
        // 10t + 2t² at t = 10 and t = 20; four standard deviations.
        assert!(part(&ramp, 0, 10).abs_diff(300) <= 70, "{}", part(&ramp, 0, 10));
        assert!(part(&ramp, 10, 20).abs_diff(700) <= 106, "{}", part(&ramp, 10, 20));
        let sale = times(&sale, seed);
        // 400 / ln 2 ≈ 577 in all, half of them in each half-life.
        assert!(part(&sale, 0, 2).abs_diff(289) <= 68, "{}", part(&sale, 0, 2));
        assert!(part(&sale, 2, 4).abs_diff(144) <= 48, "{}", part(&sale, 2, 4));
        assert!(part(&sale, 4, 20).abs_diff(144) <= 48, "{}", part(&sale, 4, 20));
    }
}

#[test]
fn customers_of_a_closed_workload_act_again_after_the_answer_and_a_pause() {
    let workload = format!("(customers: 40, think: \"1s\", lasts: \"60s\", {LOOK})");
    let finished = run(&workload, "", 3);
    let queries = queries(&finished);
    assert_eq!(queries.len(), 40);
    let all: usize = queries.values().map(Vec::len).sum();
    // A pause of 1 s and an answer after 10 ms to 20 ms: 40 × 60 / 1.015, and four standard deviations.
    assert!(all.abs_diff(2365) <= 200, "{all}");
    let mut open = BTreeSet::new();
    for record in &finished.trace.as_ref().expect("it was asked for").records {
        match &record.fact {
            Fact::Queried { request, .. } => assert!(open.insert(request.customer), "{request:?}"),
            Fact::Told { request, .. } => assert!(open.remove(&request.customer)),
            _ => {}
        }
    }
    let first: Vec<u64> = queries.values().map(|times| millis(times[0])).collect();
    assert_eq!(first, (0..40).map(|nth| nth * 25).collect::<Vec<_>>(), "spread over one pause");
    let end = Instant::ZERO + Span::from_secs(60);
    assert!(queries.values().flatten().all(|at| *at < end));
}

#[test]
fn another_workload_changes_neither_when_customers_come_nor_what_they_do() {
    let one = "(customers: 9, rate: \"5/s\", arrivals: Poisson, lasts: \"9s\", mix: [(2, MyAccounts), (1, Bank)])";
    let two = format!("(rate: \"30/s\", arrivals: Poisson, from: \"1s\", lasts: \"5s\", {LOOK})");
    let of_first = |finished: Finished<Accounts>| {
        let queries = queries(&finished);
        queries.into_iter().filter(|(who, _)| who.0 < 9).collect::<BTreeMap<_, _>>()
    };
    let alone = of_first(run(&format!("[{one}]"), "", 7));
    assert_eq!(alone, of_first(run(&format!("[{one}, {two}]"), "", 7)));
    assert_eq!(alone, of_first(run(one, "", 7)), "a list of one is that one");
    assert!(alone.values().map(Vec::len).sum::<usize>() > 20);
}

#[test]
fn customers_who_come_once_are_forgotten_when_they_leave() {
    let workload = format!("(rate: \"500/s\", arrivals: Poisson, lasts: \"4s\", {LOOK})");
    // Ten are there at a time, with a request each.
    let finished = run(&workload, "kept: 100", 1);
    assert_eq!(finished.stop, Stop::AtRest);
    let records = &finished.trace.as_ref().expect("it was asked for").records;
    let left = records.iter().filter_map(|record| match record.fact {
        Fact::Left { customer } => Some(customer),
        _ => None,
    });
    let left: Vec<_> = left.collect();
    let came = queries(&finished);
    assert!(came.len() > 1800 && came.values().all(|times| times.len() == 1), "{}", came.len());
    assert_eq!(left.iter().copied().collect::<BTreeSet<_>>(), came.into_keys().collect());
    assert_eq!(left.iter().collect::<BTreeSet<_>>().len(), left.len(), "each leaves once");
    let returning = workload.replace("(rate", "(customers: 3000, rate");
    assert_eq!(run(&returning, "kept: 100", 1).stop, Stop::TooMuchKept);
}
