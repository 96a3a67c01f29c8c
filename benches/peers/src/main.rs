//! The same work on Jetlag and on its peers, on one core, in one run: machines differ, ratios less.
//!
//! Nothing but the work is the same: a peer may do more for a message than Jetlag does (threads with
//! stacks of their own, sockets, ticks) or less (no digest, no decision that could be replayed).

#![expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]

mod on_nexosim;
mod on_shuttle;
mod on_turmoil;
#[path = "../../workloads/mod.rs"]
mod workloads;

use std::time::Instant;

use workloads::{NODES, advance, phold, ring};

fn main() {
    println!("{:<24}{:<10}{:>14}{:>14}{:>9}", "work", "on", "ns", "per second", "ratio");
    for (name, pending, few, many) in [
        ("phold, 1 k pending", 1_000, 1_000_000, 5_000_000),
        ("phold, 1.6 M pending", 1_600_000, 1_000_000, 5_000_000),
    ] {
        // Each replaces what is pending before it is measured, so that it is in its steady state.
        let mut simulation = phold(pending);
        advance(&mut simulation, 2 * pending);
        let ours = best_ns(|| {
            advance(&mut simulation, many);
            many
        });
        drop(simulation);
        let mut simulation = on_nexosim::Phold::new(pending);
        simulation.advance(2 * pending);
        let theirs = best_ns(|| simulation.advance(few));
        print(name, &[("jetlag", ours), ("nexosim", theirs)]);
    }
    let ours = best_ns(|| ours(1, 1_000_000) * 1_000_000);
    let shuttle = best_ns(|| {
        on_shuttle::worlds(1, 1_000_000);
        1_000_000
    });
    let turmoil = best_ns(|| {
        on_turmoil::worlds(1, 200_000);
        200_000
    });
    print("ring, per message", &[("jetlag", ours), ("shuttle", shuttle), ("turmoil", turmoil)]);
    for (name, messages) in [("world + 100 messages", 100), ("set-up + 10 messages", 10)] {
        let ours = best_ns(|| self::ours(50_000, messages));
        let shuttle = best_ns(|| {
            on_shuttle::worlds(5_000, messages);
            5_000
        });
        let turmoil = best_ns(|| {
            on_turmoil::worlds(500, messages);
            500
        });
        print(name, &[("jetlag", ours), ("shuttle", shuttle), ("turmoil", turmoil)]);
    }
}

/// Runs so many worlds, of so many messages each, on Jetlag.
fn ours(worlds: u64, messages: u64) -> u64 {
    for seed in 0..worlds {
        let mut simulation = ring(seed, NODES);
        advance(&mut simulation, messages);
        std::hint::black_box(simulation.kernel.digest());
    }
    worlds
}

/// The best of three times per element, in nanoseconds; `work` says how many elements it did.
fn best_ns(mut work: impl FnMut() -> u64) -> f64 {
    let mut measure = || {
        let begin = Instant::now();
        let elements = work();
        begin.elapsed().as_nanos() as f64 / elements as f64
    };
    (0..3).map(|_| measure()).fold(f64::INFINITY, f64::min)
}

/// One line for each, with how many times as long as the first it takes.
fn print(work: &str, lines: &[(&str, f64)]) {
    for (who, ns) in lines {
        let ratio = ns / lines[0].1;
        println!("{work:<24}{who:<10}{ns:>14.1}{:>14.0}{ratio:>9.1}", 1e9 / ns);
    }
}
