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
fn what_was_stopped_goes_on_where_it_was() {
    const LINE: &str =
        "jetlag enumerate scripted.ron --depth 2 --faults KeysPruned,Drop --no-holds --about s-1";
    let shell = shell("enumerate-continued");
    let whole = shell.types(&format!("{LINE} --findings whole"));
    assert_eq!(whole.status, 1, "{}", whole.stderr);
    assert!(!shell.path("whole/enumeration.json").exists(), "there is nothing to continue");
    let stopped = shell.types(&format!("{LINE} --for 150ms --jobs 1"));
    assert_eq!(stopped.status, 75, "{}", stopped.stdout);
    assert!(shell.path("findings/enumeration.json").exists());
    let next = stopped.stderr.lines().find_map(|line| line.strip_prefix("continue "));
    let next = next.unwrap_or_else(|| panic!("{}", stopped.stderr));
    assert_eq!(next, format!("{LINE} --findings findings"));
    let rest = shell.types(next);
    let made_before = rest.stderr.starts_with("note: ") && rest.stderr.contains(" made before; ");
    assert!(made_before, "{}", rest.stderr);
    assert_eq!((rest.status, rest.stdout), (1, whole.stdout.replace("whole/", "findings/")));
    assert!(!shell.path("findings/enumeration.json").exists());
    let capsules = |folder| shell.capsules(folder).iter().map(|path| shell.read(path)).collect();
    let [whole, parts]: [Vec<String>; 2] = ["whole", "findings"].map(capsules);
    let at_home = |text: &String| text.replace("whole/", "findings/");
    assert_eq!(whole.iter().map(at_home).collect::<Vec<_>>(), parts);
}

#[test]
fn three_shards_are_merged_to_what_one_process_says() {
    const LINE: &str = "jetlag enumerate scripted.ron --about s-1 --faults KeysPruned --depth 2";
    let shell = shell("enumerate-shards");
    let whole = shell.types(&format!("{LINE} --findings whole"));
    for index in [2, 0] {
        let seen = shell.types(&format!("{LINE} --shard {index}/3"));
        assert_eq!(seen.status, 0, "a shard that did its part: {}", seen.stderr);
    }
    let two = shell.types("jetlag merge");
    assert_eq!(two.stderr, "note: no result of shard: 1/3\n");
    assert!(two.stdout.contains("\n  STOPPED  after "), "{}", two.stdout);
    shell.types(&format!("{LINE} --shard 1/3"));
    let all = shell.types("jetlag merge");
    let whole_here = whole.stdout.replace("whole/", "findings/");
    assert_eq!((all.status, &*all.stderr, all.stdout), (1, "", whole_here));
    let again = shell.types(all_command(&whole.stdout).as_str());
    assert!(again.stdout.contains("\nREPRODUCED  expected: single-capture"), "{}", again.stdout);
    let copy = shell.types("jetlag merge findings findings/shard-1-of-3/enumeration.json");
    assert_eq!(copy.stderr, "note: more than one result, counted once, of shard: 1/3\n");
    let json = shell.types("jetlag merge --format json");
    assert_eq!((json.status, &*json.stdout), (2, ""));
    shell.types("jetlag fuzz twice.ron --runs 8 --shard 0/1");
    let mixed = shell.types("jetlag merge");
    assert_eq!(mixed.status, 2);
    assert!(mixed.stderr.contains("is of an enumeration, "), "{}", mixed.stderr);
}

/// The command after `next`, for what is in the folder findings.
fn all_command(shown: &str) -> String {
    let next = shown.lines().find_map(|line| line.trim().strip_prefix("next   "));
    next.unwrap_or_else(|| panic!("{shown}")).replace("whole/", "findings/")
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
