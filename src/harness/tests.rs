use super::*;
use crate::testing::Counting;

/// A folder of its own for each test, removed at the end.
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

/// Two additions, with more fields in the place of `EXTRA`.
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

/// The panic message of this work; empty if it does not panic.
fn told(work: impl FnOnce() + std::panic::UnwindSafe) -> String {
    match std::panic::catch_unwind(work) {
        Ok(()) => String::new(),
        Err(panic) => panic.downcast_ref::<String>().expect("a text").clone(),
    }
}

#[test]
fn a_domain_that_does_not_come_through_this_door_is_unknown() {
    let harness = Harness::of::<Counting>("scenarios");
    let wrong = harness.load("a.ron", b"(name: \"nothing\", domain: Orders())").unwrap_err();
    assert_eq!(wrong[0].message, "there is no domain `Orders`");
    assert_eq!(wrong[0].hint.as_deref(), Some("the only one is `Counting`"));
}

#[test]
fn a_folder_in_which_everything_holds_passes() {
    let text =
        additions("expect: [Replies(include: Command, is: 2)], fuzz: (faults: [Delay], budget: 2)");
    let folder = Folder::with("holds", &[("a.ron", &text)]);
    assert_eq!(told(|| folder.harness().check()), "");
    assert_eq!(told(|| folder.harness().fuzz(1..20)), "");
    assert_eq!(folder.harness().campaign(1..20).runs, 19);
}

#[test]
fn a_folder_in_which_something_does_not_hold_fails_with_the_report() {
    let missed = additions("expect: [Replies(include: Command, is: 3)]");
    let folder = Folder::with("fails", &[("a.ron", &missed), ("b.ron", &additions("sead: 1"))]);
    let told = told(|| folder.harness().check());
    for part in ["expected: ", "b.ron:8:5: there is no field `sead` here", "1 FAILED, 1 invalid"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
}

#[test]
fn a_campaign_that_cannot_go_wrong_is_no_test() {
    let folder = Folder::with("calm", &[("a.ron", &additions(""))]);
    assert!(told(|| folder.harness().fuzz(1..20)).ends_with("allows faults to be drawn"));
}

#[test]
fn a_campaign_fails_with_the_command_that_shows_it_again() {
    // The second addition is still to come when the platform must be at rest.
    let text =
        additions("fuzz: (faults: [Delay], budget: 1), phases: (chaos: \"1s\", quiet: \"1s\")");
    let folder = Folder::with("restless", &[("a.ron", &text)]);
    let told = told(|| folder.harness().fuzz(3..20));
    assert!(told.contains("jetlag replay") && told.contains("--seed 3 --fuzz"), "{told}");
}
