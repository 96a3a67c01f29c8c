//! concurrent withdrawals
//!
//! Every property held in this run. The test passes as long as that is so.
//!
//! Written by `jetlag export`, version 0.1.0. Put this file into the folder `tests` of a crate
//! that depends on `jetlag`. For the story of the run, save the text in `RUN` as a file and use
//! `jetlag replay`.
//!
//!     cargo test concurrent_withdrawals_holds

use jetlag::report::{Entry, Palette, Report, text};
use jetlag::session::Verdict;

const FILE: &str = "concurrent_withdrawals.ron";

/// The run: a scenario.
const RUN: &str = r#"#![enable(implicit_some)]
// Two cards, one account, and not enough money for both. The requests reach different instances: each
// reads 100, each decides to pay out 70, and the store accepts one. The other instance decides again and
// rejects.
(
    name: "concurrent withdrawals",
    about: "70 and 70 out of 100 at the same moment: one withdrawal is rejected.",
    domain: Accounts(accounts: ["a-42"]),
    seed: 1,
    script: [
        (at: "0s", who: "alice", does: Open(account: "a-42", deposit: "100.00 EUR")),
        (at: "1s", who: "alice", does: Withdraw(amount: "70.00 EUR")),
        (at: "1s", who: "alice", does: Withdraw(amount: "70.00 EUR")),
        (at: "10s", who: "alice", does: CheckBalance(by: Inline)),
        (at: "10s", who: "alice", does: CheckBalance(by: ByBus)),
        (at: "11s", who: "alice", does: Withdraw(amount: "30.01 EUR")),
    ],
    fuzz: (faults: [All], budget: 8),
    expect: [
        Count(event: "Withdrew", is: 1),
        Happens(fact: Aborted, at_least: 1), // the second append
        Replies(to: "alice", include: InsufficientFunds, is: 2),
        Replies(to: "alice", include: Balance("30.00 EUR"), is: 2),
        Lag(is: 0),
    ],
)
"#;

#[test]
fn concurrent_withdrawals_holds() {
    let harness = jetlag::domains::harness();
    let scenario = harness.load(FILE, RUN.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let run = scenario.run(&scenario.request());
    let held = run.verdict() == Verdict::Held;
    let report = Report::of(Entry::Run(Box::new(run)));
    assert!(held, "\n{}", text(&report, &Palette::default()));
}
