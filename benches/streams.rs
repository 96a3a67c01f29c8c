//! The cost of a command on a long stream that the command API has not cached: with snapshots it is the same
//! as on a short stream, without them it grows.
//!
//! A stream is grown once. From then on the only command API crashes after each command that it has
//! answered, so that the next command is decided from the store: the latest snapshot and the events after
//! it, or all events. Measured is the whole platform from there on, for sixty-four commands and all their
//! effects; not measured is the copy of the grown world for each round.
//!
//! Ratios are of the best rounds of the same run.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
#[expect(clippy::disallowed_types, reason = "a benchmark measures real time")]
use std::time::Instant as Wall;

use jetlag::domains::accounts::Accounts;
use jetlag::internals::kernel::{
    Budget, Choices, Holds, Instant, Overrides, Policy, Simulation, Span,
};
use jetlag::internals::platform::Plan;
use jetlag::internals::world::{World, simulation};
use jetlag::scenario::Scenario;

/// The time by which the longest stream is grown.
const GROWN: Span = Span::from_secs(10_000);
/// The number of measured commands.
const COMMANDS: u32 = 64;
/// The number of commands before them: the tables of a copied world have no spare room and grow once.
const FIRST: u32 = 8;
/// The number of rounds; the best one counts.
const ROUNDS: u32 = 30;

type Grown = Simulation<World<Accounts, ()>>;

fn plan(events: u32, snapshot_every: u32) -> Arc<Plan<Accounts>> {
    let (paid, grown, commands) = (events - 1, GROWN.as_micros(), FIRST + COMMANDS);
    let text = format!(
        r#"(
            name: "a stream of {events}",
            domain: Accounts(accounts: ["a-42"]),
            platform: (command_apis: 1, snapshot_every: {snapshot_every}),
            script: [
                (who: "alice", does: Open(account: Some("a-42"))),
                (at: "1s", who: "alice", does: Repeat(times: {paid}, does: Deposit(amount: "1.00 EUR"))),
                (at: "{grown}us", who: "ben", does: Repeat(
                    times: {commands},
                    think: "1s",
                    does: Deposit(account: Some("a-42"), amount: "1.00 EUR"),
                )),
            ],
            faults: [
                (from: "{grown}us", inject: CrashAfter, node: "api", message: "AppendReply", by: "1ms", times: 1000000),
            ],
        )"#
    );
    let scenario = Scenario::load("bench.ron", text.as_bytes()).expect("the scenario is sound");
    scenario.plan
}

/// A world in which the stream is grown, just before the measured commands.
fn grow(plan: &Arc<Plan<Accounts>>) -> Grown {
    let choices = Choices::new(Policy::seeded(1), Overrides::default());
    let mut simulation = simulation(plan, choices, Holds::default(), ());
    simulation.run(&Budget { until: Instant::ZERO + GROWN, ..plan.budget });
    simulation
}

/// The time that the commands take from there on.
#[expect(clippy::disallowed_types, reason = "a benchmark measures real time")]
fn round(plan: &Plan<Accounts>, grown: &Grown) -> Duration {
    let mut simulation = grown.clone();
    // Each command comes a second after the answer to the previous one.
    let first = Instant::ZERO + GROWN + Span::from_secs(u64::from(FIRST));
    simulation.run(&Budget { until: first, ..plan.budget });
    let begun = Wall::now();
    simulation.run(&plan.budget);
    let took = begun.elapsed();
    black_box(simulation.kernel.digest());
    took
}

#[expect(clippy::float_arithmetic, clippy::print_stdout, reason = "ratios for people to read")]
fn main() {
    // `cargo test` runs benches only to check that they work.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (long, rounds) = if measured { (50_000, ROUNDS) } else { (500, 1) };
    let never = u32::MAX;
    let worlds = [
        ("100 events, a snapshot every 100", 100, 100),
        ("100 events, no snapshots", 100, never),
        ("50,000 events, a snapshot every 100", long, 100),
        ("50,000 events, no snapshots", long, never),
    ];
    let worlds = worlds.map(|(name, events, snapshot_every)| {
        let plan = plan(events, snapshot_every);
        let grown = grow(&plan);
        (name, plan, grown)
    });
    // Round by round and not world by world, so that other load affects all of them.
    let mut best = [Duration::MAX; 4];
    for _ in 0..rounds {
        for ((_, plan, grown), best) in worlds.iter().zip(&mut best) {
            *best = round(plan, grown).min(*best);
        }
    }
    println!("{:<36}{:>14}{:>9}", "a command on a cold stream", "time", "ratio");
    for ((name, ..), took) in worlds.iter().zip(best) {
        let (cost, first) = (took / COMMANDS, best[0] / COMMANDS);
        let ratio = cost.as_secs_f64() / first.as_secs_f64();
        println!("{name:<36}{:>12.1}us{ratio:>9.2}", cost.as_secs_f64() * 1e6);
    }
}
