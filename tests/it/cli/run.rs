//! `jetlag run`.

use super::{Folder, Jetlag, LATE, jetlag};
use crate::snapshot::compare;

/// A file in which everything holds but one expectation.
const DISAPPOINTED: &str = r#"#![enable(implicit_some)]
(
    name: "disappointed",
    domain: Flights(
        vendors: [ (id: V1, gds: Ndc, flights: [ (id: "IB1", seats: 1, fare: "10.00 EUR") ]) ],
    ),
    expect: [ Count( event: "SeatHeld", is: 1 ) ],
)
"#;

#[test]
fn all_scenarios_hold() {
    assert_eq!(jetlag(&["run", "scenarios"]).status(), 0);
    let some = Folder::with_some_scenarios("all");
    compare("cli", "run_all", &jetlag(&["run"]).within(&some.0).seen());
}

#[test]
fn a_single_scenario_shows_what_was_checked() {
    compare(
        "cli",
        "run_one",
        &jetlag(&["run", "scenarios/flights/hold_seat.ron", "--twice"]).seen(),
    );
}

#[test]
fn every_format_is_the_same_bytes_every_time() {
    for format in ["human", "json", "jsonl", "junit", "github"] {
        let run = || jetlag(&["run", "scenarios", "--twice", "--format", format]).stdout();
        assert_eq!(run(), run(), "{format}");
    }
}

#[test]
fn json_and_junit_are_documents() {
    let words = ["run", "scenarios/flights/boot.ron", "--format", "json"];
    compare("cli", "run_json", &jetlag(&words).seen());
    let words = ["run", "scenarios/flights/boot.ron", "--format", "junit"];
    compare("cli", "run_junit", &jetlag(&words).seen());
}

#[test]
fn a_missed_expectation_is_status_1_and_its_last_line_works() {
    let folder = Folder::with("missed", &[("disappointed.ron", DISAPPOINTED)]);
    let mut run = jetlag(&["run", "disappointed.ron"]).within(&folder.0);
    compare("cli", "run_missed", &run.seen());
    let stdout = run.stdout();
    let last = stdout.lines().last().expect("something is printed");
    let (_, command) = last.split_once("jetlag ").expect("a command that can be pasted");
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(jetlag(&words).within(&folder.0).status(), 1, "{last}");
}

#[test]
fn a_missed_expectation_says_what_happened_instead() {
    let expect = r#"expect: [
        Replies(to: "ana", include: Accepted),
        Replies(to: "ben", include: SoldOut),
        Replies(include: HoldExpired),
        Count(event: "SeatHeld", is: 2),
        Count(event: "TicketIssued", is: 1),
        Serves(service: "V1", is: 0),
        PeakLag(view: "BookingSearch", is: 99),
        Reads(view: "BookingSearch", is: 1),
        P99(of: Hold, below: "1ms"),
        P50(of: Search, below: "1ms"),
    ],"#;
    let folder = Folder::with("instead", &[("late.ron", &LATE.replace("EXTRA", expect))]);
    compare("cli", "run_instead", &jetlag(&["run", "late.ron"]).within(&folder.0).seen());
}

#[test]
fn a_budget_that_runs_out_is_status_3() {
    let text = DISAPPOINTED.replace("expect:", "budget: ( occurrences: 2 ),\n    expect:");
    let folder = Folder::with("budget", &[("short.ron", &text)]);
    compare("cli", "run_no_verdict", &jetlag(&["run", "short.ron"]).within(&folder.0).seen());
}

#[test]
fn a_bad_file_is_status_2_and_the_others_still_run() {
    let bad = DISAPPOINTED.replace("expect", "expcet");
    let good = DISAPPOINTED.replace("is: 1", "is: 0");
    let folder = Folder::with("bad", &[("a_bad.ron", &bad), ("b_good.ron", &good)]);
    compare("cli", "run_bad_file", &jetlag(&["run", "."]).within(&folder.0).seen());
}

#[test]
fn many_seeds_are_one_line() {
    let words = ["run", "scenarios/flights/concurrent_buyer_race.ron", "--seeds", "0..20"];
    compare("cli", "run_seeds", &jetlag(&words).seen());
}

#[test]
fn wall_time_is_printed_only_on_demand() {
    let words = ["run", "scenarios/flights/boot.ron"];
    assert!(!jetlag(&words).stdout().contains("took"));
    let words = ["run", "scenarios/flights/boot.ron", "--timings"];
    assert!(jetlag(&words).stdout().contains("took"));
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let coloured = |jetlag: &mut Jetlag| jetlag.stdout().contains('\u{1b}');
    let boot = "scenarios/flights/boot.ron";
    assert!(!coloured(&mut jetlag(&["run", boot])));
    assert!(coloured(&mut jetlag(&["run", boot, "--color", "always"])));
    assert!(coloured(&mut jetlag(&["run", boot, "--color", "always"]).env("NO_COLOR", "1")));
    assert!(!coloured(&mut jetlag(&["run", boot, "--color", "never"])));
}

#[test]
fn a_defect_of_one_domain_leaves_out_the_files_of_others() {
    let other = DISAPPOINTED.replace("Flights(", "Orders(").replace(
        r#"vendors: [ (id: V1, gds: Ndc, flights: [ (id: "IB1", seats: 1, fare: "10.00 EUR") ]) ],"#,
        r#"products: [ (id: "lamp", name: "Lamp", price: "10.00 EUR") ],"#,
    );
    let other = other.replace("expect: [ Count( event: \"SeatHeld\", is: 1 ) ],", "");
    let flights = DISAPPOINTED.replace("expect: [ Count( event: \"SeatHeld\", is: 1 ) ],", "");
    let files = [("flights.ron", &*flights), ("orders.ron", &*other)];
    let folder = Folder::with("elsewhere", &files);
    let words = |path| ["run", path, "--defect", "first-fare-only"];
    compare("cli", "run_defect_elsewhere", &{
        let mut seen = jetlag(&words(".")).within(&folder.0).seen();
        seen.push_str(&jetlag(&words("orders.ron")).within(&folder.0).seen());
        std::fs::remove_file(folder.0.join("flights.ron")).expect("it was written");
        seen.push_str(&jetlag(&words(".")).within(&folder.0).seen());
        seen
    });
}
