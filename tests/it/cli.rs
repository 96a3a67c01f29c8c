//! The command from end to end, on the built binary: what it prints where, and with which status it
//! ends.

use crate::snapshot::compare;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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

/// Two customers and one seat, messages that are late, and whatever else is put in for `EXTRA`.
const LATE: &str = r#"(
    name: "late messages",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "10.00 EUR")])],
    ),
    script: [
        (at: "0s", who: "ana", does: Hold(flight: "IB1")),
        (at: "0s", who: "ben", does: Hold(flight: "IB1")),
    ],
    faults: [(inject: Delay, node: "store", to: "api-1", times: 1, by: "300ms")],
    EXTRA
)
"#;

/// A run of the command, to be set up and then looked at.
struct Jetlag {
    command: Command,
    typed: String,
}

/// `jetlag` with these words, in the project's folder, without a terminal.
fn jetlag(words: &[&str]) -> Jetlag {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
    Jetlag { command, typed: words.join(" ") }
}

impl Jetlag {
    fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    fn env(mut self, key: &str, value: &str) -> Self {
        self.command.env(key, value);
        self
    }

    fn run(&mut self) -> Output {
        self.command.output().expect("the binary was built")
    }

    /// Everything that can be seen from outside.
    fn seen(&mut self) -> String {
        let Output { status, stdout, stderr } = self.run();
        let mut seen = format!("$ jetlag {}\n", self.typed);
        let status = status.code().map_or("killed".to_owned(), |code| code.to_string());
        let _ = writeln!(seen, "exit status {status}");
        for (name, bytes) in [("stdout", stdout), ("stderr", stderr)] {
            let text = String::from_utf8(bytes).expect("output is text");
            // A command on Windows ends in .exe, and there is nothing else to tell it by.
            let text = text.replace("jetlag.exe", "jetlag");
            let _ = write!(seen, "── {name}\n{text}");
            if !text.is_empty() && !text.ends_with('\n') {
                seen.push_str("(no line feed)\n");
            }
        }
        seen
    }

    fn status(&mut self) -> i32 {
        self.run().status.code().expect("nobody kills it")
    }

    fn stdout(&mut self) -> String {
        String::from_utf8(self.run().stdout).expect("output is text")
    }
}

/// A folder of its own for a test, with these files; removed at the end.
struct Folder(PathBuf);

impl Folder {
    /// Three of the scenarios that ship, so that a new one changes no snapshot but its own.
    fn with_some_scenarios(test: &str) -> Self {
        let folder = Self::with(test, &[]);
        let from = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::create_dir_all(folder.0.join("scenarios/flights")).expect("a folder for them");
        for story in ["boot", "concurrent_buyer_race", "search_cache_miss"] {
            let file = format!("scenarios/flights/{story}.ron");
            std::fs::copy(from.join(&file), folder.0.join(&file)).expect("it ships");
        }
        folder
    }

    fn with(test: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("jetlag-cli-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("a temporary file");
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

// ---- help and usage

#[test]
fn help_says_what_everything_is_for() {
    compare("cli", "help", &jetlag(&["--help"]).seen());
    let commands = [
        "run",
        "replay",
        "fuzz",
        "merge",
        "enumerate",
        "shrink",
        "explain",
        "list",
        "show",
        "new",
        "completions",
    ];
    for command in commands {
        compare("cli", &format!("help_{command}"), &jetlag(&[command, "--help"]).seen());
    }
}

#[test]
fn bad_usage_is_status_2_and_goes_to_stderr() {
    compare("cli", "usage_unknown_flag", &jetlag(&["run", "--sed", "7"]).seen());
    compare("cli", "usage_bad_seeds", &jetlag(&["run", "--seeds", "9..3"]).seen());
    compare(
        "cli",
        "usage_unknown_path",
        &jetlag(&["run", "scenarios/flights/hold_seet.ron"]).seen(),
    );
    assert_eq!(jetlag(&[]).status(), 2);
    assert_eq!(jetlag(&["run", "--seed", "1", "--seeds", "0..2"]).status(), 2);
    assert_eq!(jetlag(&["replay", "scenarios/flights/boot.ron", "--until", "5"]).status(), 2);
}

// ---- run

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

// ---- replay

#[test]
fn a_replay_tells_the_race_in_order() {
    let words = ["replay", "scenarios/flights/concurrent_buyer_race.ron"];
    let story = jetlag(&words).stdout();
    let mut rest = story.as_str();
    for part in ["sends HoldSeat", "sends HoldSeat", "conflict", "(attempt 2)", "rejected"] {
        let found = rest.find(part);
        assert!(found.is_some(), "{part} is missing or too early in\n{story}");
        rest = &rest[found.unwrap_or(0) + part.len()..];
    }
}

#[test]
fn a_replay_can_look_closely() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let conflict = jetlag(&["replay", race]).stdout();
    let line = conflict.lines().find(|line| line.contains("conflict")).expect("a conflict");
    let step = line.split_whitespace().next().expect("a step");
    compare("cli", "replay_around", &jetlag(&["replay", race, "--around", step]).seen());
    let words = ["replay", race, "--until", "20ms", "--state", "store"];
    compare("cli", "replay_state", &jetlag(&words).seen());
    let words = ["replay", race, "--until", "10ms", "--all"];
    compare("cli", "replay_all", &jetlag(&words).seen());
}

#[test]
fn what_a_run_does_not_have_is_answered_with_what_it_has() {
    let boot = "scenarios/flights/boot.ron";
    compare("cli", "replay_unknown_node", &jetlag(&["replay", boot, "--state", "stroe"]).seen());
    compare("cli", "replay_unknown_step", &jetlag(&["replay", boot, "--around", "5000"]).seen());
}

#[test]
fn a_replay_can_be_limited_to_lines_about_something() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let of = |words: &[&str]| jetlag(&[&["replay", race], words].concat()).stdout();
    compare(
        "cli",
        "replay_about",
        &jetlag(&["replay", race, "--about", "b-2", "--node", "api"]).seen(),
    );
    let lines = |text: &str| text.lines().filter(|line| line.contains("s  ")).count();
    // Names of one kind are alternatives, kinds are combined.
    let (ana, ben) = (of(&["--who", "ana"]), of(&["--who", "ben"]));
    let both = of(&["--who", "ana", "--who", "ben"]);
    assert!(lines(&both) > lines(&ana) && lines(&both) > lines(&ben), "{both}");
    assert!(lines(&of(&["--who", "ana", "--node", "store"])) < lines(&ana));
    let held = of(&["--about", "SeatHeld", "--node", "store"]);
    assert!(held.contains("1 of ") && held.contains("SeatHeld IB6251"), "{held}");
    // A booking is not a part of the name of another one.
    assert!(!of(&["--about", "b-1"]).contains("b-2"));
    let nothing = of(&["--who", "ana", "--node", "timers"]);
    assert!(nothing.contains("\nnone of 30 lines: --who ana --node timers\n"), "{nothing}");
    let around = of(&["--around", "24", "--about", "b-1"]);
    assert!(around.contains("what led to step 24") && !around.contains("ben"), "{around}");
    // The step that is asked for is shown even if no name fits it.
    let around = of(&["--around", "72", "--who", "ben"]);
    assert_eq!(around.matches("asks V1: OrderCreateRQ").count(), 2, "{around}");
    assert!(!around.contains("sends HoldSeat b-1"), "{around}");
}

#[test]
fn a_name_that_does_not_occur_is_status_2() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    compare("cli", "replay_unknown_name", &jetlag(&["replay", race, "--who", "anna"]).seen());
    for (option, name) in [("--about", "b-9"), ("--who", "store"), ("--node", "stroe")] {
        let words = ["replay", race, option, name];
        assert_eq!(jetlag(&words).status(), 2, "{option} {name}");
    }
}

#[test]
fn repetitions_are_counted_unless_all_lines_are_asked_for() {
    let words = ["replay", "scenarios/flights/cache_stampede.ron"];
    compare("cli", "replay_repetitions", &jetlag(&words).seen());
    let all = jetlag(&[&words[..], &["--all"]].concat()).stdout();
    assert!(!all.contains("more like it") && all.matches("asks for all flights").count() == 200);
}

#[test]
fn several_states_are_printed_and_that_of_the_store_is_complete() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    // One transaction waits for the lock of the other.
    let words = ["replay", race, "--until", "11.9ms", "--state", "store", "--state", "saga"];
    compare("cli", "replay_states", &jetlag(&words).seen());
    let words = ["replay", "scenarios/accounts/three_strategies.ron", "--state", "store"];
    let store = jetlag(&words).stdout();
    let (_, state) = store.split_once("\nstore after").expect("the state");
    assert!(state.contains("\n201 events, "), "{state}");
    for position in 1..=201 {
        assert_eq!(state.matches(&format!("\n@{position} ")).count(), 1, "{position}");
    }
}

#[test]
fn a_time_can_be_given_as_a_story_prints_it() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let story = jetlag(&["replay", race, "--until", "15m00.018555s"]).stdout();
    let (_, end) = story.split_once("stopped after step 213, at ").expect("it stops there");
    assert_eq!(end, "15m00.018555s\n");
}

#[test]
fn another_seed_is_another_run() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let with = |seed: &str| jetlag(&["replay", race, "--seed", seed]).stdout();
    assert_eq!(with("0x10"), with("16"));
    assert_ne!(with("16"), with("17"));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let mut jetlag = jetlag(&["replay", "scenarios/flights/burst_load.ron"]);
    let command = jetlag.command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary was built");
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().expect("it ends");
    assert_eq!((status.code(), String::from_utf8_lossy(&stderr).as_ref()), (Some(0), ""));
}

// ---- faults

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

// ---- list, show, new, completions

#[test]
fn everything_there_is_can_be_listed() {
    let some = Folder::with_some_scenarios("list");
    let mut list = jetlag(&["list"]).within(&some.0);
    compare("cli", "list", &list.seen());
    assert!(list.stdout().lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn what_show_prints_is_the_same_scenario() {
    let shown = jetlag(&["show", "scenarios/flights/hold_seat.ron"]).stdout();
    let folder = Folder::with("show", &[("shown.ron", &shown)]);
    assert_eq!(jetlag(&["show", "shown.ron"]).within(&folder.0).stdout(), shown);
    compare("cli", "show", &jetlag(&["show", "scenarios/flights/boot.ron"]).seen());
}

#[test]
fn a_new_scenario_runs_and_is_not_overwritten() {
    let folder = Folder::with("new", &[]);
    let run = |words: &[&str]| jetlag(words).within(&folder.0).seen();
    compare("cli", "new", &run(&["new", "my_trip"]));
    compare("cli", "new_again", &run(&["new", "my_trip.ron"]));
    assert_eq!(jetlag(&["run", "my_trip.ron"]).within(&folder.0).status(), 0);
    let left: Vec<_> = std::fs::read_dir(&folder.0).expect("the folder").collect();
    assert_eq!(left.len(), 1, "no draft is left behind: {left:?}");
}

#[test]
fn there_is_a_scenario_to_start_from_in_each_domain() {
    let folder = Folder::with("new_domain", &[]);
    let within = |words: &[&str]| jetlag(words).within(&folder.0).status();
    for domain in ["Flights", "Orders"] {
        assert_eq!(within(&["new", domain, "--domain", domain]), 0, "{domain}");
        assert_eq!(within(&["run", &format!("{domain}.ron"), "--twice"]), 0, "{domain}");
    }
    let words = ["new", "my_shop", "--domain", "Order"];
    compare("cli", "new_unknown_domain", &jetlag(&words).within(&folder.0).seen());
}

#[test]
fn scenarios_are_listed_under_their_domains() {
    let listed = jetlag(&["list", "scenarios"]).stdout();
    let (mut domain, mut files) = ("", 0);
    for line in listed.lines() {
        if let Some(title) = line.strip_prefix("scenarios of ") {
            domain = title;
        } else if let Some(file) = line.trim_start().strip_prefix("scenarios/") {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
            let text = std::fs::read_to_string(root.join(file)).expect("it was listed");
            // A capsule names its scenario.
            let named =
                text.split_once("scenario: File(\"").and_then(|(_, rest)| rest.split_once('"'));
            let text = named.map_or(text.clone(), |(path, _)| {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
                std::fs::read_to_string(path).expect("the scenario of a capsule")
            });
            assert!(text.contains(&format!("domain: {domain}(")), "{file} is not of {domain}");
            files += 1;
        }
    }
    assert!(files > 50, "only {files} files");
    assert_eq!(listed.matches("scenarios of ").count(), 5, "each domain has one group");
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = jetlag(&["completions", shell]).stdout();
        for command in ["run", "replay", "fuzz", "list", "show", "new"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}
