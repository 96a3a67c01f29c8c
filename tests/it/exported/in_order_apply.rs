//! own booking, at once
//!
//! Every property held in this run. The test passes as long as that is so.
//!
//! Written by `jetlag export`, version 0.1.0. Put this file into the folder `tests` of a crate
//! that depends on `jetlag`. For the story of the run, save the text in `RUN` as a file and use
//! `jetlag replay`.
//!
//!     cargo test in_order_apply_of_a_redelivered_event_holds

use jetlag::report::{Entry, Palette, Report, text};
use jetlag::session::Verdict;

const FILE: &str = "in_order_apply_of_a_redelivered_event.ron";

/// The run: a capsule, with its scenario in it.
const RUN: &str = r###"// own booking, at once
// holds: 485 occurrences
Capsule(
    jetlag: "0.1.0",
    scenario: Inline(r##"#![enable(implicit_some)]
// The list of bookings lags behind the store, and the first thing that customers do after booking is to
// look at it. Their query carries a token of the version that they wrote: the query API completes the
// cached list with the event that was pinned beside it, reads past the cache, or answers "not yet", but
// never shows an older state.
(
    name: "own booking, at once",
    about: "A customer looks at their list before the view can have the new booking, and sees the booking.",
    domain: Flights(
        vendors: [
            (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 9, fare: "420.00 EUR")]),
        ],
    ),
    seed: 1,
    // Slow enough for a query between the answer to a command and the update of the view.
    network: (base: "10ms", jitter: "40ms"),
    script: [
        (at: "0s", who: "ana", does: MyBookings), // no bookings yet; the empty list is now cached
        (at: "1s", who: "ana", does: Hold(flight: "IB6251")),
        (at: "1150ms", who: "ana", does: MyBookings),
        (at: "1200ms", who: "ana", does: MyBookings),
        (at: "1250ms", who: "ana", does: MyBookings),
        (at: "3s", who: "ana", does: Pay),
        (at: "3150ms", who: "ana", does: MyBookings),
        (at: "3200ms", who: "ana", does: MyBookings),
        (at: "3250ms", who: "ana", does: MyBookings),
    ],
    fuzz: (faults: [All], budget: 8),
    expect: [
        Replies(to: "ana", include: Accepted, is: 2),
        Replies(to: "ana", include: Nothing, is: 3), // asked before her hold was confirmed
        Replies(to: "ana", include: Shown, is: 4), // from then on, although the cached list is empty
        Replies(to: "ana", include: NotYet, is: 0),
        Replies(to: "ana", include: Silence, is: 0),
        Happens(fact: CachePinned, at_least: 2), // new events are kept beside the cached list
        Happens(fact: CacheMiss, is: 1), // the read model is read only once
        Count(event: "TicketIssued", is: 1),
        Lag(is: 0),
    ],
)
"##),
    seed: 3,
    expect: Holds,
    script: [
        (line: 2, who: "ana"),
        (line: 6, who: "ana"),
    ],
    faults: [
        (fault: ConnectionClosed, at: "broker", during: "Publish", about: "b-1", nth: 3),
        (fault: ConnectionClosed, at: "broker", during: "Publish", about: "b-1", nth: 7),
    ],
    digest: "5adda6926a3fd7fb",
    occurrences: 485,
    course: [
        (31, "cb03ea5ada45bfa1"),
        (62, "da29139dd86720b7"),
        (93, "bbdc4b3477cb0ee7"),
        (124, "9102e5bda595f3cf"),
        (155, "0b5f673502ded15a"),
        (186, "8bd902486cbee4bb"),
        (217, "91db9259466a3bb5"),
        (248, "e5c072e887fad1b7"),
        (279, "6ef458dc36c90ffd"),
        (310, "8ccbeceed6e34cb5"),
        (341, "6745c124cf6ed03f"),
        (372, "c3425f1660d8674c"),
        (403, "f9b54018a2947ad1"),
        (434, "ab5ef9989fe2242e"),
        (465, "782161dab8f938a5"),
    ],
)
"###;

#[test]
fn in_order_apply_of_a_redelivered_event_holds() {
    let harness = jetlag::domains::harness();
    let scenario = harness.load(FILE, RUN.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let run = scenario.run(&scenario.request());
    let held = run.verdict() == Verdict::Held;
    let report = Report::of(Entry::Run(Box::new(run)));
    assert!(held, "\n{}", text(&report, &Palette::default()));
}
