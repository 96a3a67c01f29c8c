//! The cost of an occurrence in the kernel, compared with floors measured in the same run.
//!
//! PHOLD keeps a number of timers pending, each of which sets another; the ring passes messages between ten
//! nodes; worlds are created for each measurement. The floor of PHOLD is the standard library's heap with
//! the payloads in it. The floor of the ring and the worlds is a callback and a FIFO queue: no time, no
//! order, no digest, no choices.

mod workloads;

use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::time::Duration;
#[expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]
use std::time::Instant as Wall;

use criterion::{Criterion, Throughput};
use workloads::{Delays, NODES, Parcel, advance, phold, ring};

/// An entry of the floor's heap, in reverse order, because the heap pops the greatest.
struct Inline(u64, u64, [u64; 11]);

impl Inline {
    const fn rank(&self) -> std::cmp::Reverse<(u64, u64)> {
        std::cmp::Reverse((self.0, self.1))
    }
}

impl PartialEq for Inline {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Inline {}

impl PartialOrd for Inline {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Inline {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// PHOLD on the standard library's heap alone.
struct StdHeap {
    heap: BinaryHeap<Inline>,
    delays: Delays,
    pushed: u64,
}

impl StdHeap {
    fn new(pending: u64) -> Self {
        let mut delays = Delays(pending);
        let heap = (0..pending).map(|nth| Inline(delays.next(), nth, [nth; 11])).collect();
        Self { heap, delays, pushed: pending }
    }

    fn advance(&mut self, occurrences: u64) {
        for _ in 0..occurrences {
            let Some(mut next) = self.heap.pop() else { return };
            next.2[0] ^= next.0;
            next.0 += self.delays.next();
            next.1 = self.pushed;
            self.pushed += 1;
            self.heap.push(next);
        }
    }
}

/// Pending messages, in the order of their arrival.
type Arrivals = VecDeque<(u16, Parcel)>;

/// The ring as callbacks from a queue in order of arrival.
struct Callbacks(Arrivals);

impl Callbacks {
    fn new(in_flight: u16) -> Self {
        Self((0..in_flight).map(|node| (node, Parcel::new(u64::from(node)))).collect())
    }

    fn advance(&mut self, occurrences: u64) {
        let mut pass_on = |node: u16, parcel, queue: &mut Arrivals| {
            queue.push_back(((node + 1) % NODES, parcel));
        };
        let handle: &mut dyn FnMut(u16, Parcel, &mut Arrivals) = black_box(&mut pass_on);
        for _ in 0..occurrences {
            let Some((node, parcel)) = self.0.pop_front() else { return };
            handle(node, parcel, &mut self.0);
        }
    }
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]
fn time(work: impl FnOnce()) -> Duration {
    let begin = Wall::now();
    work();
    begin.elapsed()
}

/// The same work for the kernel and for its floor; the argument is the number of elements.
struct Row<'a> {
    name: &'a str,
    /// What one element is.
    unit: &'static str,
    /// How many elements are measured at once.
    elements: u64,
    kernel: &'a mut dyn FnMut(u64) -> Duration,
    floor: &'a mut dyn FnMut(u64) -> Duration,
}

impl Row<'_> {
    fn bench(&mut self, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group(self.name);
        let chunk = self.elements.min(10_000);
        group.throughput(Throughput::Elements(chunk));
        for (who, measure) in [("kernel", &mut self.kernel), ("floor", &mut self.floor)] {
            group.bench_function(who, |bencher| {
                bencher.iter_custom(|rounds| (0..rounds).map(|_| measure(chunk)).sum());
            });
        }
        group.finish();
    }

    /// A line of the table, with the best of several times, because other load can only add time.
    #[expect(clippy::float_arithmetic, reason = "a ratio for people to read")]
    fn line(&mut self) -> String {
        let elements = self.elements;
        let best_ns = |measure: &mut dyn FnMut(u64) -> Duration| {
            let best = (0..3).map(|_| measure(elements)).min().unwrap_or_default();
            best.as_nanos() as f64 / elements as f64
        };
        let (kernel, floor) = (best_ns(self.kernel), best_ns(self.floor));
        let (per_second, unit) = (1e9 / kernel, self.unit);
        let ratio = kernel / floor;
        format!(
            "{:<24}{per_second:>12.0} {unit:<14}{kernel:>10.1}{floor:>10.1}{ratio:>9.2}",
            self.name
        )
    }
}

/// All rows: run with criterion, and again for the table if it is printed.
struct Table {
    criterion: Criterion,
    /// Whether to measure; `cargo test` runs benches only to check that they work.
    measuring: bool,
    lines: Vec<String>,
}

impl Table {
    fn add(&mut self, mut row: Row<'_>) {
        row.bench(&mut self.criterion);
        if self.measuring {
            self.lines.push(row.line());
        }
    }

    #[expect(clippy::print_stdout, reason = "a table for people to read")]
    fn print(&self) {
        println!(
            "{:<24}{:>12} {:<14}{:>10}{:>10}{:>9}",
            "kernel", "per second", "", "ns", "floor ns", "ratio"
        );
        self.lines.iter().for_each(|line| println!("{line}"));
    }
}

fn worlds(table: &mut Table, name: &str, messages: u64, worlds: u64) {
    let in_flight = messages.min(u64::from(NODES)) as u16;
    table.add(Row {
        name,
        unit: "worlds/s",
        elements: worlds,
        kernel: &mut |worlds| {
            time(|| {
                for seed in 0..worlds {
                    let mut simulation = ring(seed, in_flight);
                    advance(&mut simulation, messages);
                    black_box(simulation.kernel.digest());
                }
            })
        },
        floor: &mut |worlds| {
            time(|| {
                for _ in 0..worlds {
                    let mut callbacks = Callbacks::new(in_flight);
                    callbacks.advance(messages);
                    black_box(callbacks.0.len());
                }
            })
        },
    });
}

fn main() {
    let criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let mut table = Table { criterion, measuring, lines: Vec::new() };

    // From time to time the ladder redistributes all pending keys: each measurement must be long enough to
    // contain that.
    let sizes = [
        ("phold, 16 pending", 16, 1_000_000),
        ("phold, 1 k pending", 1_000, 1_000_000),
        ("phold, 16 k pending", 16_000, 1_000_000),
        ("phold, 1.6 M pending", 1_600_000, 4_000_000),
    ];
    for (name, pending, elements) in sizes {
        let (mut simulation, mut heap) = (phold(pending), StdHeap::new(pending));
        if measuring {
            // Replaces all pending timers once, to measure the steady state.
            advance(&mut simulation, 2 * pending);
        }
        table.add(Row {
            name,
            unit: "occurrences/s",
            elements,
            kernel: &mut |occurrences| time(|| advance(&mut simulation, occurrences)),
            floor: &mut |occurrences| time(|| heap.advance(occurrences)),
        });
    }
    let (mut simulation, mut callbacks) = (ring(1, NODES), Callbacks::new(NODES));
    table.add(Row {
        name: "ring of 10 nodes",
        unit: "messages/s",
        elements: 1_000_000,
        kernel: &mut |messages| time(|| advance(&mut simulation, messages)),
        floor: &mut |messages| time(|| callbacks.advance(messages)),
    });
    worlds(&mut table, "world + 100 messages", 100, 20_000);
    worlds(&mut table, "set-up + 1 message", 1, 100_000);

    if measuring {
        table.print();
    }
    table.criterion.final_summary();
}
