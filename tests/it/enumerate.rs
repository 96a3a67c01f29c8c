//! Enumeration from end to end, on the built binary.

#![cfg(unix)]

use crate::shell::Shell;
use crate::snapshot::compare;

/// Two deviations of one booking make it fail: a copy of the capture arrives when its key is no longer known.
const TWICE: &str = r#"(
    name: "captured twice",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 1, fare: "420.00 EUR")])],
        payment: (key_life: "10s"),
    ),
    script: [(at: "0s", who: "ana", does: Book)],
    fuzz: (faults: [Duplicate, KeysPruned, Drop], budget: 4),
)"#;

/// The same, with the copy in the script.
fn scripted() -> String {
    let copy =
        "faults: [(inject: Duplicate, to: \"PSP\", skip: 1, times: 1, by: \"20s\")],\n    fuzz:";
    TWICE.replacen("fuzz:", copy, 1)
}

fn shell(test: &str) -> Shell {
    Shell::with(test, &[("twice.ron", TWICE), ("scripted.ron", &scripted())])
}

#[test]
fn two_deviations_are_found_that_fail_only_together() {
    const NARROW: &str =
        "jetlag enumerate twice.ron --about s-1 --no-holds --faults Duplicate,KeysPruned";
    let shell = shell("enumerate-twice");
    let one = shell.types(&format!("{NARROW} --depth 1"));
    assert_eq!(one.status, 0, "{}{}", one.stdout, one.stderr);
    compare("enumerate", "one", &one.stdout);
    assert!(!shell.path("findings").exists(), "a folder is made for a finding only");
    let two = shell.types(&format!("{NARROW} --depth 2"));
    assert_eq!((two.status, &*two.stderr), (1, ""), "{}", two.stdout);
    compare("enumerate", "two", &two.stdout);
    let page = include_str!("../../docs/enumerating.md");
    for shown in [&one.stdout, &two.stdout] {
        assert!(page.contains(&**shown), "docs/enumerating.md does not show\n{shown}");
    }
    let again = shell.types(two.command_after("next"));
    assert_eq!(again.status, 1, "{}", again.stderr);
    assert!(again.stdout.contains("\nREPRODUCED  expected: single-capture"), "{}", again.stdout);
    let [capsule] = &shell.capsules("findings")[..] else { panic!("one finding") };
    let text = shell.read(capsule);
    assert_eq!(text.matches("(fault: ").count(), 2, "{text}");
    let explained = shell.types(&format!("jetlag explain {capsule}"));
    assert_eq!((explained.status, &*explained.stderr), (0, ""), "{}", explained.stdout);
    compare("explain", "twice", &explained.stdout);
    let page = include_str!("../../docs/explaining.md");
    assert!(page.contains(&explained.stdout), "docs/explaining.md does not show it");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let shell = shell("enumerate-jobs");
    let of = |jobs: &str| {
        let folder = format!("found-{jobs}");
        let seen = shell.types(&format!(
            "jetlag enumerate scripted.ron --faults KeysPruned --jobs {jobs} --findings {folder}"
        ));
        assert_eq!(seen.status, 1, "{}", seen.stderr);
        let [capsule] = &shell.capsules(&folder)[..] else { panic!("{}", seen.stdout) };
        [seen.stdout.clone(), shell.read(capsule)].map(|text| text.replace(&folder, "found"))
    };
    assert_eq!(of("1"), of("3"));
}

#[test]
fn what_is_stopped_says_so_and_claims_no_more_than_it_made() {
    let shell = shell("enumerate-stopped");
    let seen = shell.types("jetlag enumerate twice.ron --depth 3 --for 1ms");
    assert_eq!(seen.status, 75, "{}", seen.stdout);
    assert!(seen.stdout.contains("\n  STOPPED  after 0 of about "), "{}", seen.stdout);
    assert!(seen.stdout.contains("\n  all runs with up to 0 deviations hold\n"), "{}", seen.stdout);
}

#[test]
fn what_cannot_be_enumerated_says_what_can() {
    let shell = shell("enumerate-not");
    let seen = |line: &str| {
        let seen = shell.types(&format!("jetlag enumerate {line}"));
        assert_eq!((seen.status, &*seen.stdout), (2, ""), "{line}: {}", seen.stderr);
        seen.stderr
    };
    let fault = seen("twice.ron --faults Duplicat");
    assert!(fault.contains("allows no fault `Duplicat`"), "{fault}");
    assert!(fault.contains("hint: did you mean `Duplicate`?"), "{fault}");
    let thing = seen("twice.ron --about nobody");
    assert!(thing.contains("nothing of the name `nobody` in twice.ron"), "{thing}");
    let found = shell.types("jetlag enumerate scripted.ron --no-holds --faults KeysPruned");
    assert_eq!(found.status, 1);
    let [capsule] = &shell.capsules("findings")[..] else { panic!("one finding") };
    let fixed = seen(capsule);
    assert!(fixed.contains("is a capsule, which fixes its run"), "{fixed}");
    assert!(seen("nowhere.ron").contains("nowhere.ron"));
}
