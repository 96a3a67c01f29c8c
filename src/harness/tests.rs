use super::*;
use crate::testing::{Counting, in_a_process};

/// A temporary folder of a test, removed at the end.
struct Folder(&'static str);

impl Folder {
    fn with(test: &str, files: &[(&str, &str)]) -> Self {
        let folder =
            std::env::temp_dir().join(format!("jetlag-door-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("a temporary file");
        }
        Self(folder.display().to_string().leak())
    }

    fn harness(&self) -> Harness {
        Harness::of::<Counting>(self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0);
    }
}

/// Two additions; `EXTRA` is replaced by further fields.
const ADDITIONS: &str = r#"(
    name: "two additions",
    domain: Counting,
    script: [
        (who: "ana", does: Add(counter: 0, amount: 1)),
        (at: "10s", who: "ben", does: Add(counter: 0, amount: 2)),
    ],
    EXTRA
)"#;

fn additions(extra: &str) -> String {
    ADDITIONS.replace("EXTRA", extra)
}

/// The panic message of `work`; empty if it does not panic.
fn panic_of(work: impl FnOnce() + std::panic::UnwindSafe) -> String {
    match std::panic::catch_unwind(work) {
        Ok(()) => String::new(),
        Err(panic) => panic.downcast_ref::<String>().expect("a text").clone(),
    }
}

#[test]
fn a_domain_that_is_not_in_the_harness_is_unknown() {
    let harness = Harness::of::<Counting>("scenarios");
    let wrong = harness.load("a.ron", b"(name: \"nothing\", domain: Orders())").unwrap_err();
    assert_eq!(wrong[0].message, "there is no domain `Orders`");
    let hint = wrong[0].hint.as_deref().expect("what to do");
    assert!(hint.starts_with("the only one is `Counting`; a program runs the domains"), "{hint}");
}

#[test]
fn a_folder_in_which_everything_holds_passes() {
    let text =
        additions("expect: [Replies(include: Command, is: 2)], fuzz: (faults: [Delay], budget: 2)");
    let folder = Folder::with("holds", &[("a.ron", &text)]);
    assert_eq!(panic_of(|| folder.harness().check()), "");
    assert_eq!(panic_of(|| folder.harness().fuzz().runs(20).check()), "");
    assert_eq!(folder.harness().fuzz().runs(20).run().tally.runs, 20);
}

#[test]
fn a_folder_in_which_something_does_not_hold_fails_with_the_report() {
    let missed = additions("expect: [Replies(include: Command, is: 3)]");
    let folder = Folder::with("fails", &[("a.ron", &missed), ("b.ron", &additions("sead: 1"))]);
    let report = panic_of(|| folder.harness().check());
    for part in ["MISSED  ", "b.ron:8:5: there is no field `sead` here", "1 FAILED, 1 invalid"] {
        assert!(report.contains(part), "{part} is missing in {report}");
    }
}

#[test]
fn a_campaign_without_faults_is_an_error() {
    let folder = Folder::with("calm", &[("a.ron", &additions(""))]);
    assert!(panic_of(|| folder.harness().fuzz().check()).ends_with("has a `fuzz` section"));
}

#[test]
fn a_campaign_that_finds_something_panics_with_its_capsule_and_the_command_that_replays_it() {
    // The run may not last until the second addition.
    let text = additions("fuzz: (faults: [Delay], budget: 1), budget: (until: \"1s\")");
    let folder = Folder::with("restless", &[("a.ron", &text)]);
    let findings = Path::new(folder.0).join("findings");
    let harness = folder.harness();
    let report = panic_of(|| harness.fuzz().runs(5).seed(3).findings(&findings).check());
    let capsules = std::fs::read_dir(&findings).expect("a folder was made");
    let capsules: Vec<_> = capsules.map(|entry| entry.expect("an entry").path()).collect();
    let [capsule] = capsules.as_slice() else { panic!("one capsule, not {capsules:?}") };
    let command = format!("  next   jetlag replay {}\n", capsule.display());
    assert!(report.contains(&command), "{report}");
    assert!(report.ends_with("\nJETLAG_SEED=3 makes the same runs again"), "{report}");
}

#[test]
#[ignore = "helper: another test runs it in a child process, with JETLAG_SEED set"]
fn a_campaign_that_fails() {
    let text = additions("fuzz: (faults: [Delay], budget: 1), budget: (until: \"1s\")");
    let folder = Folder::with("seeded", &[("a.ron", &text)]);
    let findings = Path::new(folder.0).join("findings");
    folder.harness().fuzz().runs(2).findings(findings).check();
}

#[test]
fn a_campaign_takes_its_seed_from_the_environment() {
    let panic = |seed| {
        let test = "harness::tests::a_campaign_that_fails";
        let output = in_a_process(test, &[("JETLAG_SEED", seed)]);
        assert!(!output.status.success());
        String::from_utf8([output.stdout, output.stderr].concat()).expect("output is text")
    };
    for (set, used) in [("42", "42"), ("0x5b3", "1459"), ("", "1")] {
        let panic = panic(set);
        assert!(panic.contains(&format!("fuzz   seed {used}   ")), "{panic}");
        assert!(panic.contains(&format!("\nJETLAG_SEED={used} makes the same runs again")));
    }
    let panic = panic("many");
    assert!(panic.contains("JETLAG_SEED: a seed is a number from 0 to "), "{panic}");
}

#[test]
fn a_seed_is_decimal_or_hexadecimal() {
    assert_eq!((fuzz::seed("0x5b3"), fuzz::seed("7")), (Ok(0x5b3), Ok(7)));
    for text in ["-1", "0x", "18446744073709551616", ""] {
        assert!(fuzz::seed(text).is_err(), "{text}");
    }
}
