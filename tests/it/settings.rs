//! Any legal settings: whatever the platform is set to, faults may slow a run down or leave it without a
//! verdict, which then says what to change, but no property is violated.
//!
//! The files are drawn from a seed of their own. A failure prints the file.

use std::fmt::Write;

use jetlag::domains::harness;
use jetlag::session::{Faults, RunOutcome, RunRequest, Verdict};

/// Numbers from a seed: SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number from `least` to `most`.
    fn number(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.number(1, count) == 1
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.number(0, choices.len() as u64 - 1) as usize]
    }

    /// A duration in milliseconds from `least` to `most`, small ones as often as large ones.
    fn span(&mut self, least: u64, most: u64) -> String {
        let magnitude = self.number(least.ilog2().into(), most.ilog2().into());
        let ms = self.number(1 << magnitude, (2 << magnitude) - 1).clamp(least, most);
        format!("\"{ms}ms\"")
    }

    /// A group of fields, each with a chance of one in three.
    fn group(&mut self, fields: &[(&str, Range)]) -> String {
        let mut text = String::new();
        for (name, range) in fields {
            if self.one_in(3) {
                let value = match *range {
                    Range::Count(least, most) => self.number(least, most).to_string(),
                    Range::Ms(least, most) => self.span(least, most),
                };
                let _ = write!(text, "{name}: {value}, ");
            }
        }
        text
    }
}

/// The range of a setting.
#[derive(Clone, Copy)]
enum Range {
    Count(u64, u64),
    Ms(u64, u64),
}

use Range::{Count, Ms};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

fn platform(draw: &mut Draw, world: &World) -> String {
    let relays = draw.number(1, 3);
    // With several relays, a lease must outlast four messages of `network`.
    let lease = if relays == 1 { 1 } else { 1_300 };
    let top = draw.group(&[
        ("command_apis", Count(1, 4)),
        ("query_apis", Count(1, 3)),
        ("retries", Count(0, 12)),
        ("backoff", Ms(1, 5 * SECOND)),
        ("snapshot_every", Count(1, 20)),
        ("folds_kept", Count(8, 40)),
        ("reply_timeout", Ms(1, 10 * SECOND)),
    ]);
    let groups = [
        (
            "store",
            draw.group(&[
                ("insert", Ms(1, 500)),
                ("commit", Ms(1, 500)),
                ("visible", Ms(1, 500)),
                ("row", Ms(1, 500)),
                ("jitter", Ms(1, 500)),
            ]),
        ),
        (
            "relay",
            draw.group(&[
                ("instances", Count(relays, relays)),
                ("batch", Count(1, 50)),
                ("poll", Ms(1, 10 * SECOND)),
                ("poll_max", Ms(1, 5 * MINUTE)),
                ("confirm_timeout", Ms(1, 10 * SECOND)),
                ("lease", Ms(lease, MINUTE)),
            ]),
        ),
        (
            "broker",
            draw.group(&[
                ("delivery_limit", Count(1, 25)),
                ("retry", Ms(1, 10 * SECOND)),
                ("retry_max", Ms(1, MINUTE)),
                ("redrive", Ms(SECOND, HOUR)),
            ]),
        ),
        (
            "projectors",
            draw.group(&[
                ("prefetch", Count(1, 20)),
                ("buffer", Count(1, 100)),
                ("page", Count(1, 100)),
            ]),
        ),
        ("cache", draw.group(&[("ttl", Ms(1, MINUTE)), ("lease", Ms(1, 10 * SECOND))])),
        (
            "saga",
            draw.group(&[
                ("prefetch", Count(1, 20)),
                ("command_timeout", Ms(10, 10 * SECOND)),
                ("backoff_max", Ms(10, 5 * MINUTE)),
                ("resends", Count(0, 10)),
            ]),
        ),
        (
            "clients",
            draw.group(&[
                ("patience", Ms(10, 10 * SECOND)),
                ("resends", Count(0, 4)),
                ("pin", Ms(1, 10 * SECOND)),
            ]),
        ),
    ];
    // No rule of a domain that ships needs a store that checks what was only read.
    let checks = if draw.0 & 1 == 0 { "Read" } else { "Written" };
    let groups = groups.map(|(name, fields)| {
        let more = match name {
            "store" => format!("checks: {checks}, {}", world.store),
            "projectors" => world.projectors.clone(),
            "saga" => world.saga.clone(),
            _ => String::new(),
        };
        format!("{name}: ({fields}{more}), ")
    });
    format!("{top}{}{}", groups.concat(), world.timers)
}

/// What kind of world the platform is in: who consumes, where streams are read, what rings. It is drawn by itself, so
/// that a world more leaves the other settings of a seed as they are.
struct World {
    store: String,
    projectors: String,
    saga: String,
    timers: String,
}

impl World {
    fn drawn(seed: u64, may_lose: bool) -> Self {
        let draw = &mut Draw(seed ^ 0x5e77_1465);
        let mut store = String::new();
        if draw.one_in(4) {
            let _ = write!(store, "reads: Replica(lag: {}), ", draw.span(1, MINUTE));
        }
        // What a service has done cannot be lost with the store: only domains without one may lose anything.
        if may_lose && draw.one_in(3) {
            let _ =
                write!(store, "replication: Asynchronous(lag: {}), ", draw.span(1, 10 * SECOND));
        }
        let (mut outbox, mut snapshots) = (String::new(), String::new());
        if draw.one_in(4) {
            outbox = format!("outbox: {}, ", draw.span(1, HOUR));
        }
        if draw.one_in(4) {
            snapshots = format!("snapshots: {}, ", draw.span(1, HOUR));
        }
        let _ = write!(store, "retention: ({outbox}{snapshots}), ");
        if draw.one_in(4) {
            store += "ended_streams: Refused, ";
        }
        let of_replicas = &mut Draw(seed ^ 0x2e91_1ca5);
        if of_replicas.one_in(4) {
            let _ = write!(store, "catch_up: Replica(lag: {}), ", of_replicas.span(1, MINUTE));
        }
        let mut projectors = String::new();
        if draw.one_in(4) {
            projectors += "idempotency: MessageIds(), ";
        }
        if draw.one_in(4) {
            let (instances, segments) = (draw.number(2, 3), draw.number(1, 8));
            let sharing = match draw.one_in(2) {
                true => "SingleActive".to_owned(),
                false => format!("ByStream(segments: {segments})"),
            };
            let _ = write!(projectors, "instances: {instances}, sharing: {sharing}, ");
        }
        let mut saga = String::new();
        if draw.one_in(4) {
            let lease = draw.span(SECOND, MINUTE);
            saga = format!("instances: {}, lease: {lease}, ", draw.number(2, 3));
        }
        let timers = match draw.number(0, 5) {
            0 => format!(
                "timers: Polled(every: {}, batch: {}), ",
                draw.span(1, MINUTE),
                draw.number(1, 20)
            ),
            1 => format!(
                "timers: Delayed(longest: {}, in_order: {}), ",
                draw.span(SECOND, HOUR),
                draw.one_in(2)
            ),
            _ => String::new(),
        };
        Self { store, projectors, saga, timers }
    }
}

/// A domain with a set-up, and the actions of its customers.
fn domain(draw: &mut Draw) -> (String, &'static [&'static str]) {
    match draw.number(0, 4) {
        0 => (flights(draw), FLIGHTS),
        1 => (orders(draw), ORDERS),
        2 => (delivery(draw), DELIVERY),
        3 => (box_office(draw), BOX_OFFICE),
        _ => ("Accounts(accounts: [\"a-1\", \"a-2\"])".to_owned(), ACCOUNTS),
    }
}

fn flights(draw: &mut Draw) -> String {
    let mut vendors = String::new();
    for nth in 1..=draw.number(1, 3) {
        let (gds, seats) = (draw.of(&["Ndc", "Amadeus", "Sabre"]), draw.number(1, 5));
        let fields = draw.group(&[("latency", Ms(1, 2 * SECOND))]);
        let flight = format!("(id: \"F{nth}\", seats: {seats}, fare: \"{nth}00.00 EUR\")");
        let _ = write!(vendors, "(id: V{nth}, gds: {gds}, flights: [{flight}], {fields}), ");
    }
    let own = draw.group(&[
        ("hold", Ms(SECOND, 48 * HOUR)),
        ("hold_margin", Ms(1, HOUR)),
        ("saga_patience", Ms(10, 30 * SECOND)),
        ("void_window", Ms(1, 48 * HOUR)),
        ("think", Ms(1, 10 * MINUTE)),
    ]);
    let mut payment =
        draw.group(&[("latency", Ms(1, 2 * SECOND)), ("key_life", Ms(SECOND, 48 * HOUR))]);
    if draw.one_in(4) {
        payment += "limit: \"150.00 EUR\"";
    }
    format!("Flights(vendors: [{vendors}], {own}payment: ({payment}))")
}

const FLIGHTS: &[&str] = &[
    "Search",
    "Browse",
    "MyBookings",
    "LookUp(booking: 1)",
    "AsOf(version: 2)",
    "AsOf(booking: 1, at: \"2s\")",
    "History()",
    "Hold(flight: \"F1\")",
    "Pay",
    "Cancel",
    "Book",
    "Book",
    "Trip(flights: [\"F1\"])",
    "EraseMe",
    "BuyElsewhere(flight: \"F1\", seats: 1)",
];

fn orders(draw: &mut Draw) -> String {
    let own = draw.group(&[
        ("pay_within", Ms(SECOND, 48 * HOUR)),
        ("saga_patience", Ms(10, 30 * SECOND)),
        ("think", Ms(1, 10 * MINUTE)),
    ]);
    let mut payment = draw.group(&[("latency", Ms(1, 2 * SECOND))]);
    if draw.one_in(4) {
        payment += "limit: \"40.00 USD\"";
    }
    let carrier = draw.group(&[
        ("latency", Ms(1, 2 * SECOND)),
        ("days", Count(0, 9)),
        ("pieces", Count(1, 3)),
    ]);
    let products = "(id: \"p1\", name: \"Widget\", price: \"29.99 USD\"), \
                    (id: \"p2\", name: \"Gadget\", price: \"49.99 USD\")";
    format!("Orders(products: [{products}], {own}payment: ({payment}), carrier: ({carrier}))")
}

const ORDERS: &[&str] = &[
    "Place(items: [(2, \"p1\")])",
    "Buy(items: [(1, \"p1\"), (2, \"p2\")])",
    "BuySomething",
    "BuyAndRegret",
    "Pay",
    "Transfer(amount: \"59.98 USD\")",
    "SendVan",
    "Cancel",
    "MyOrders",
    "LookUp(order: 1)",
    "InStatus(status: Paid)",
    "AsOf(version: 2)",
    "AsOf(order: 1, at: \"2s\")",
    "History()",
    "Browse",
];

fn delivery(draw: &mut Draw) -> String {
    let own = draw.group(&[
        ("confirm_within", Ms(SECOND, HOUR)),
        ("ready_within", Ms(SECOND, 4 * HOUR)),
        ("deliver_within", Ms(SECOND, 4 * HOUR)),
        ("refund_preparing", Count(0, 100)),
        ("saga_patience", Ms(10, 30 * SECOND)),
        ("think", Ms(1, 10 * MINUTE)),
    ]);
    let roma = draw.group(&[
        ("accepts", Ms(1, 30 * MINUTE)),
        ("starts", Ms(1, 30 * MINUTE)),
        ("cooks", Ms(1, 2 * HOUR)),
        ("tickets", Count(0, 3)),
        ("latency", Ms(1, 2 * SECOND)),
    ]);
    let couriers = draw.group(&[
        ("fleet", Count(0, 3)),
        ("to_restaurant", Ms(1, HOUR)),
        ("to_customer", Ms(1, 2 * HOUR)),
        ("latency", Ms(1, 2 * SECOND)),
    ]);
    let menu = "menu: [(id: \"pizza\", price: \"9.50 EUR\"), (id: \"salad\", price: \"6.00 EUR\")]";
    format!("Delivery(restaurants: [(id: \"roma\", {menu}, {roma})], {own}couriers: ({couriers}))")
}

const DELIVERY: &[&str] = &[
    "Order(from: \"roma\", items: [(1, \"pizza\"), (2, \"salad\")])",
    "OrderSomething",
    "OrderSomething",
    "OrderAndRegret",
    "Leave(at: Desk)",
    "Cancel()",
    "CancelIfFree()",
    "Drive(order: 1, updates: 5, every: \"1min\")",
    "LookUp(order: 1)",
    "AsOf(order: 1, version: 2)",
    "History(order: 1)",
    "Audit(order: 1)",
    "MyOrders",
    "Dashboard(of: \"roma\")",
    "Figures(from: \"12:00\")",
    "Browse",
];

/// At one of the stages that must hold.
fn box_office(draw: &mut Draw) -> String {
    let stage = draw.of(&["EventSourced", "RedisLockFenced"]);
    let own = draw.group(&[
        ("hold", Ms(SECOND, HOUR)),
        ("page", Count(1, 3)),
        ("saga_patience", Ms(10, 30 * SECOND)),
        ("think", Ms(1, 10 * MINUTE)),
    ]);
    let limit = if draw.one_in(3) { "limit: (purchases: 2, per: \"5s\"), " } else { "" };
    let payment = draw.group(&[("latency", Ms(1, 2 * SECOND))]);
    let lock = draw.group(&[("ttl", Ms(1, MINUTE)), ("latency", Ms(1, SECOND))]);
    let room = match stage {
        "EventSourced" if draw.one_in(2) => {
            let lasts = draw.span(1, 10 * MINUTE);
            format!(", waiting_room: (places: 1, lasts: {lasts})")
        }
        _ => String::new(),
    };
    let shows = format!(
        "(id: \"rock\", tickets: 1, price: \"50.00 EUR\"), \
         (id: \"jazz\", tickets: 9, price: \"25.00 EUR\"{room})"
    );
    format!(
        "BoxOffice(stage: {stage}, shows: [{shows}], {own}{limit}payment: ({payment}), lock: ({lock}))"
    )
}

const BOX_OFFICE: &[&str] = &[
    "Create(show: \"rock\")",
    "Create(show: \"jazz\")",
    "Buy(show: \"rock\")",
    "Buy(show: \"jazz\", card: Empty)",
    "BuyTwice(show: \"jazz\")",
    "BuySomething",
    "BuyAndRegret",
    "LookAndBuy(show: \"rock\")",
    "JumpQueue(show: \"jazz\")",
    "Leave",
    "Reserve(show: \"jazz\")",
    "Pay()",
    "Cancel",
    "List(page: 1, free: true)",
    "Sales(show: \"rock\")",
    "AsOf(version: 2)",
    "History(ticket: 1)",
    "Browse",
];

const ACCOUNTS: &[&str] = &[
    "Open(account: \"a-1\", deposit: \"100.00 EUR\")",
    "Open(deposit: \"50.00 EUR\")",
    "Deposit(amount: \"10.00 EUR\")",
    "Withdraw(amount: \"30.00 EUR\")",
    "Transfer(amount: \"20.00 EUR\")",
    "Transfer(to: \"a-1\", amount: \"20.00 EUR\")",
    "Close()",
    "CheckBalance(by: Inline)",
    "CheckBalance(by: OnDemand)",
    "AsOf(account: \"a-1\", version: 1)",
    "History()",
    "MyAccounts",
    "Bank",
    "Bank",
];

/// A file with any legal settings.
fn file(seed: u64) -> String {
    let draw = &mut Draw(seed);
    let (domain, actions) = domain(draw);
    let platform = platform(draw, &World::drawn(seed, domain.starts_with("Accounts")));
    let network = draw.group(&[("base", Ms(1, 300)), ("jitter", Ms(1, 300))]);
    let load = if draw.one_in(2) {
        let (customers, rate) = (draw.number(1, 6), draw.number(1, 10));
        let mix = (0..3).map(|_| format!("({}, {})", draw.number(1, 9), draw.of(actions)));
        let mix = mix.collect::<Vec<_>>().join(", ");
        let lasts = draw.span(SECOND, 4 * SECOND);
        format!(
            "workload: (customers: {customers}, rate: \"{rate}/s\", lasts: {lasts}, mix: [{mix}])"
        )
    } else {
        let mut script = String::new();
        for _ in 0..draw.number(1, 8) {
            let (at, who) = (draw.span(1, 10 * MINUTE), draw.of(&["ana", "ben", "eva"]));
            let _ = write!(script, "(at: {at}, who: \"{who}\", does: {}), ", draw.of(actions));
        }
        format!("script: [{script}]")
    };
    let budget = draw.number(1, 6);
    let chaos = if draw.one_in(4) { draw.span(MINUTE, HOUR) } else { "None".to_owned() };
    format!(
        "#![enable(implicit_some)]\n(name: \"settings {seed}\", domain: {domain}, platform: ({platform}), \
         network: ({network}), {load}, fuzz: (faults: [All], budget: {budget}), \
         phases: (chaos: {chaos}))\n"
    )
}

/// Runs a file twice, fuzzed; the number of runs without a verdict.
fn judged(seed: u64) -> Result<u64, String> {
    let text = file(seed);
    let scenario = harness().load("settings.ron", text.as_bytes());
    let scenario = scenario.map_err(|wrong| format!("{}\n{text}", wrong[0]))?;
    let run =
        |seed| scenario.run(&RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) });
    let mut open = 0;
    for outcome in [run(seed), run(seed + 1_000_000)] {
        open += u64::from(outcome.verdict() != Verdict::Held);
        judge(&outcome).map_err(|why| format!("seed {}: {why}\n{text}", outcome.request.seed))?;
    }
    Ok(open)
}

/// Nothing is violated, and a run without a verdict says what to change.
fn judge(run: &RunOutcome) -> Result<(), String> {
    if let Some(violated) = run.violations.first() {
        return Err(format!("{} at {}: {}", violated.property, violated.at, violated.says));
    }
    match (&run.unrest, run.verdict()) {
        (_, Verdict::Held) => Ok(()),
        (Some(unrest), Verdict::Open) if !unrest.change.is_empty() => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

fn all(seeds: std::ops::Range<u64>) {
    let count = seeds.end - seeds.start;
    let (mut open, mut wrong) = (0, Vec::new());
    for seed in seeds {
        match judged(seed) {
            Ok(more) => open += more,
            Err(why) => wrong.push(why),
        }
    }
    assert!(wrong.is_empty(), "{} of {count} files:\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(open * 10 < count, "{open} of {} runs have no verdict", 2 * count);
}

#[test]
fn no_legal_settings_lead_to_a_violation() {
    all(0..40);
}

#[test]
#[ignore = "takes minutes without optimisation; `.ci/run` runs it with"]
fn no_legal_settings_lead_to_a_violation_in_many_files() {
    all(0..3_000);
}
