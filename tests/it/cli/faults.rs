//! What the commands say of faults.

use super::{Folder, LATE, jetlag};
use crate::snapshot::compare;

#[test]
fn the_report_is_the_ledger_of_the_faults() {
    let folder = Folder::with("ledger", &[("late.ron", &LATE.replace("EXTRA", ""))]);
    compare("cli", "run_faults", &jetlag(&["run", "late.ron"]).within(&folder.0).seen());
    let words = ["run", "late.ron", "--format", "json"];
    let json = jetlag(&words).within(&folder.0).stdout();
    for part in ["\"scripted_faults\"", "\"times\": 1", "\"seen\": 1", "\"node_kind\": \"store\""] {
        assert!(json.contains(part), "{part} is missing in {json}");
    }
}

#[test]
fn a_fault_that_never_fired_is_status_1_and_says_where_it_stands() {
    let never = LATE.replace("store", "timers").replace("EXTRA", "");
    let folder = Folder::with("never", &[("never.ron", &never)]);
    compare("cli", "run_never_fired", &jetlag(&["run", "never.ron"]).within(&folder.0).seen());
    let words = ["run", "never.ron", "--format", "junit"];
    assert!(jetlag(&words).within(&folder.0).stdout().contains("name=\"fault 10:14\""));
    // With other seeds an author knows neither what is seen nor what goes wrong.
    let words = ["run", "never.ron", "--seeds", "0..3"];
    assert_eq!(jetlag(&words).within(&folder.0).status(), 0);
}

#[test]
fn fuzz_needs_files_that_allow_faults() {
    let folder = Folder::with("calm", &[("calm.ron", &LATE.replace("EXTRA", ""))]);
    compare("cli", "fuzz_nothing", &jetlag(&["fuzz", "calm.ron"]).within(&folder.0).seen());
    compare(
        "cli",
        "replay_no_fuzz",
        &jetlag(&["replay", "calm.ron", "--fuzz"]).within(&folder.0).seen(),
    );
    assert_eq!(jetlag(&["run", "calm.ron", "--fuzz"]).within(&folder.0).status(), 2);
    assert_eq!(jetlag(&["fuzz", "calm.ron", "--runs", "0"]).within(&folder.0).status(), 2);
}

#[test]
fn what_show_prints_of_faults_is_the_same_scenario() {
    let fuzzed = LATE.replace("EXTRA", "fuzz: (faults: [All, Link, Drop, Store], budget: 6),");
    let folder = Folder::with("show_faults", &[("fuzzed.ron", &fuzzed)]);
    let shown = jetlag(&["show", "fuzzed.ron"]).within(&folder.0).stdout();
    std::fs::write(folder.0.join("shown.ron"), &shown).expect("a temporary file");
    assert_eq!(jetlag(&["show", "shown.ron"]).within(&folder.0).stdout(), shown);
    for part in ["inject: Delay,", "by: \"300ms\"", "chaos: None", "quiet: None", "budget: 6"] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
}
