//! Rules about many streams, with stores that check what was read or only what is written.

use jetlag::domains::harness;
use jetlag::session::{Faults, RunRequest, Verdict};

/// How many of the first runs violate a property, of a bank with room for one account.
fn violated(checks: &str, defects: &str) -> usize {
    let text = format!(
        r#"#![enable(implicit_some)]
        (name: "one account", domain: Accounts(accounts: ["a-1", "a-2"], limits: (all: 1)),
         platform: (store: (checks: {checks})), {defects}
         script: [(at: "0s", who: "ana", does: Open(account: "a-1")),
                  (at: "0s", who: "ben", does: Open(account: "a-2"))],
         fuzz: (faults: [All], budget: 8))"#
    );
    let scenario = harness().load("one_account.ron", text.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let run = |seed| {
        let run = scenario.run(&RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) });
        assert_ne!(run.verdict(), Verdict::Open, "seed {seed}");
        run.violates("account-limits")
    };
    (0..20).filter(|seed| run(*seed)).count()
}

#[test]
fn a_condition_on_tags_holds_whatever_the_store_checks_of_streams() {
    assert_eq!([violated("Read", ""), violated("Written", "")], [0, 0]);
}

#[test]
fn reading_the_streams_of_others_is_enough_only_if_the_store_checks_them() {
    let defects = r#"defects: ["limit-by-reading"], fails: "account-limits","#;
    assert_eq!(violated("Read", defects), 0);
    assert!(violated("Written", defects) > 0);
}
