//! Sessions of the toy domain.

use super::{Case, Press, Session};
use crate::harness::Harness;
use crate::kernel::Step;
use crate::report::hash;
use crate::session::Verdict;
use crate::testing::Counting;

const TEXT: &str = "(
    name: \"sums\",
    domain: Counting,
    script: [
        (at: \"0s\", who: \"ana\", does: Add(counter: 0, amount: 1)),
        (at: \"1s\", who: \"ben\", does: Add(counter: 1, amount: 2)), // a second later
    ],
    expect: [Happens(fact: Commanded, is: 2)],
)
";

fn harness() -> Harness {
    Harness::of::<Counting>("scenarios")
}

fn case(name: &str, text: &str) -> Case {
    let path = format!("{name}.ron");
    Case { name: name.to_owned(), says: String::new(), path, text: text.to_owned() }
}

fn session() -> Session {
    Session::new(harness(), vec![case("sums", TEXT), case("again", TEXT)], |it| it)
        .expect("it is valid")
}

fn press(fault: &str, place: Option<&str>) -> Press {
    Press { fault: fault.to_owned(), place: place.map(str::to_owned), size: None }
}

/// The digest of the run of a saved session, which must hold or fail by its properties only.
fn digest(text: &str) -> u64 {
    let scenario = harness()
        .load("saved.ron", text.as_bytes())
        .unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]));
    let outcome = scenario.run(&scenario.request());
    assert_eq!(outcome.verdict(), Verdict::Held, "{text}");
    outcome.digest
}

#[test]
fn a_session_without_a_press_is_the_run_of_its_file() {
    let mut session = session();
    assert!(!session.is_over());
    session.advance(usize::MAX);
    assert!(session.is_over());
    assert_eq!((session.save().as_str(), session.digest()), (TEXT, digest(TEXT)));
}

#[test]
fn a_press_is_an_entry_from_the_present_moment_on_and_what_was_seen_stays() {
    let mut session = session();
    session.advance(10);
    let (step, before) = (session.step(), session.text());
    assert_eq!(before, TEXT);
    session.press(&press("Pause", Some("store"))).expect("there is such a fault");
    assert_eq!(session.step(), step, "nobody is moved");
    assert_eq!(session.note, "", "what was seen is the same");
    let text = session.text();
    assert!(text.contains("inject: Pause, node: \"store\")"), "{text}");
    assert!(text.contains("// a second later"), "comments stay: {text}");
    assert!(!text.contains("expect"), "{text}");
    session.advance(usize::MAX);
    let saved = session.save();
    assert_eq!(hash(digest(&saved)), hash(session.digest()), "{saved}");
    assert_ne!(session.digest(), digest(TEXT));
}

#[test]
fn what_cannot_be_pressed_changes_nothing() {
    let mut session = session();
    session.advance(5);
    let (step, digest) = (session.step(), session.digest());
    for (fault, place, says) in [
        ("Nonsense", None, "there is no fault `Nonsense`"),
        ("Pause", Some("nowhere"), "nowhere"),
        ("Pause", Some("store\", by: \"1s"), "quotation marks"),
        ("Rebuild", None, "which view"),
    ] {
        let refused = session.press(&press(fault, place)).expect_err("it is refused");
        assert!(refused.0.contains(says), "{fault}: {}", refused.0);
        assert_eq!(
            (session.step(), session.digest(), session.text().as_str()),
            (step, digest, TEXT)
        );
    }
}

#[test]
fn a_press_that_never_takes_effect_is_not_saved() {
    let mut session = session();
    session.advance(usize::MAX);
    // The run is over: nothing is left that could be delayed.
    session.press(&press("Delay", Some("store"))).expect("there is such a fault");
    assert!(session.text().contains("inject: Delay"));
    session.advance(usize::MAX);
    assert_eq!(session.save(), TEXT);
}

#[test]
fn a_burst_repeats_the_last_deed_and_a_rebuild_is_an_operation() {
    let mut session = session();
    session.advance(3);
    session.press(&press("Burst", None)).expect("ana has done something");
    assert_eq!(session.text().matches("does: Add(counter: 0").count(), 51);
    session.press(&press("Rebuild", Some("Totals"))).expect("there is such a view");
    assert!(session.text().contains("rebuild: \"Totals\""));
    session.advance(usize::MAX);
    assert_eq!(digest(&session.save()), session.digest());
}

#[test]
fn a_press_can_say_how_much() {
    let mut session = session();
    session.advance(3);
    for (fault, size, says) in
        [("Delay", 250_000, "by: \"250ms\""), ("Pause", 2_000_000, "by: \"2s\"")]
    {
        let press = Press { size: Some(size), ..press(fault, Some("store")) };
        session.press(&press).expect("there is such a fault");
        assert!(session.text().contains(says), "{}", session.text());
    }
    assert_eq!(session.pressed().len(), 2);
    session.advance(usize::MAX);
    assert_eq!(digest(&session.save()), session.digest());
}

#[test]
fn a_stampede_needs_something_that_was_looked_at() {
    let mut session = session();
    session.advance(usize::MAX);
    let refused = session.press(&press("Stampede", None)).expect_err("nobody has looked");
    assert!(refused.0.contains("looked at anything"), "{}", refused.0);
}

#[cfg(feature = "domains")]
#[test]
fn a_stampede_repeats_what_was_looked_at() {
    let text = include_str!("../../scenarios/flights/vendor_timeout.ron");
    let harness = crate::domains::harness();
    let cases = vec![case("vendor_timeout", text)];
    let mut session = Session::new(harness.clone(), cases, |it| it).expect("it is valid");
    session.advance(usize::MAX);
    let looks = session.text().matches("does: MyBookings").count();
    session.press(&press("Stampede", None)).expect("ana has looked");
    assert_eq!(session.text().matches("does: MyBookings").count(), looks + 50);
    session.advance(usize::MAX);
    let scenario = harness.load("saved.ron", session.save().as_bytes()).expect("it is valid");
    assert_eq!(scenario.run(&scenario.request()).digest, session.digest());
}

#[cfg(feature = "domains")]
#[test]
fn a_fault_of_the_file_whose_opportunity_a_press_takes_is_not_saved() {
    let text = include_str!("../../scenarios/flights/vendor_timeout.ron");
    let harness = crate::domains::harness();
    let cases = vec![case("vendor_timeout", text)];
    let mut session = Session::new(harness.clone(), cases, |it| it).expect("it is valid");
    session.advance(20);
    // The store is down for as long as the vendor would have been slow.
    let crash = Press { size: Some(2_000_000), ..press("CrashBetween", Some("store")) };
    session.press(&crash).expect("there is such a fault");
    session.advance(usize::MAX);
    assert!(session.text().contains("inject: ServiceSlow"));
    let saved = session.save();
    assert!(!saved.contains("inject: ServiceSlow"), "{saved}");
    let scenario = harness.load("saved.ron", saved.as_bytes()).expect("it is valid");
    let outcome = scenario.run(&scenario.request());
    assert_eq!((outcome.digest, outcome.verdict()), (session.digest(), Verdict::Held), "{saved}");
}

#[test]
fn going_back_takes_later_presses_back() {
    let mut session = session();
    session.advance(4);
    session.press(&press("Pause", Some("store"))).expect("there is such a fault");
    let early = session.step();
    session.advance(10);
    session.press(&press("Pause", Some("broker"))).expect("there is such a fault");
    session.fork(Step(early.0 + 1)).expect("it is valid");
    let text = session.text();
    assert!(text.contains("\"store\"") && !text.contains("\"broker\""), "{text}");
    session.fork(Step(0)).expect("it is valid");
    assert_eq!(session.text(), TEXT);
    session.choose(1).expect("there is a second case");
    assert!(session.choose(2).is_err());
    session.reset().expect("it is valid");
    assert_eq!((session.step(), session.text().as_str()), (Step(0), TEXT));
}

#[test]
fn a_long_run_is_shown_up_to_a_limit_and_says_so() {
    let of = |most| {
        let mut session = Session::with_at_most(most, harness(), vec![case("sums", TEXT)], |it| it)
            .expect("it is valid");
        assert!(!session.says().contains("at most"), "its end has not been seen");
        session.advance(usize::MAX);
        session
    };
    let short = of(12);
    assert!((Step(1)..=Step(12)).contains(&short.step()), "the last one may have no line");
    assert!(short.says().contains("12 occurrences at most"), "{}", short.says());
    let whole = of(100_000);
    assert!(whole.step() > Step(12) && whole.says().is_empty());
    assert_eq!(short.text(), whole.text(), "the scenario is the same");
}
