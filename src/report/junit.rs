//! The report for continuous integration: JUnit XML with a suite for each scenario and a case for each
//! property. It has no timestamps, ids or durations: the same runs give the same bytes.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::entry::{Entry, Invalid, Report};
use super::reproduction::{self, is_other_run};
use super::unrest;
use crate::explore::Campaign;
use crate::model::{counted, is_unprintable};
use crate::session::{Awaited, Repeat, Reproduced, RunOutcome, Standing, Sweep, Verdict};

/// Renders a report as JUnit XML.
pub fn junit(report: &Report) -> String {
    let mut document = Document::new("jetlag");
    for entry in &report.entries {
        document.add_test_suite(match entry {
            Entry::Run(outcome) => run_suite(outcome),
            Entry::Sweep(sweep) => sweep_suite(sweep),
            Entry::Campaign(campaign) => campaign_suite(campaign),
            Entry::Invalid(invalid) => invalid_suite(invalid),
        });
    }
    let text = document.to_string().expect("quick-junit replaces what XML cannot hold");
    let shown = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if is_unprintable(c) => format!("&#x{:x};", u32::from(c)),
        c => c.to_string(),
    };
    if text.contains(is_unprintable) { text.chars().map(shown).collect() } else { text }
}

fn run_suite(run: &RunOutcome) -> TestSuite {
    let mut suite = TestSuite::new(run.subject.file.as_str());
    suite.add_property(("seed", run.request.seed.to_string().as_str()));
    suite.add_property(("digest", format!("{:016x}", run.digest).as_str()));
    if let Some(found) = &run.reproduction {
        suite.add_property(("reproduction", found.result.says()));
    }
    for entry in &run.fired {
        let name = format!("fault {} at {}", entry.fault.name, entry.node);
        let value = format!("fired {}, seen {}", entry.fired, entry.seen);
        suite.add_property((name.as_str(), value.as_str()));
    }
    add_cases(run, &mut suite);
    suite
}

fn sweep_suite(sweep: &Sweep) -> TestSuite {
    let mut suite = TestSuite::new(sweep.subject.file.as_str());
    let (from, until) = (sweep.request.seed, sweep.request.seed.wrapping_add(sweep.asked));
    suite.add_property(("seeds", format!("{from}..{until}").as_str()));
    suite.add_property(("runs", sweep.runs.to_string().as_str()));
    suite.add_property(("digest", format!("{:016x}", sweep.digest).as_str()));
    for outcome in sweep.failures() {
        add_cases(outcome, &mut suite);
    }
    if sweep.failures().next().is_none() {
        let status = TestCaseStatus::success();
        suite.add_test_case(case(&sweep.subject.name, "every-seed", status));
    }
    suite
}

fn campaign_suite(campaign: &Campaign) -> TestSuite {
    let mut suite = TestSuite::new("fuzz");
    suite.add_property(("seed", campaign.id.seed.to_string().as_str()));
    suite.add_property(("runs", campaign.tally.runs.to_string().as_str()));
    suite.add_property(("digest", format!("{:016x}", campaign.tally.digest).as_str()));
    for finding in campaign.tally.findings.values() {
        let says = &finding.failure.says;
        let status = failed(NonSuccessKind::Failure, says, &format!("run {}: {says}", finding.run));
        suite.add_test_case(case(&finding.file, &finding.failure.property, status));
    }
    if campaign.tally.findings.is_empty() {
        for file in &campaign.id.files {
            suite.add_test_case(case(&file.path, "every-run", TestCaseStatus::success()));
        }
    }
    suite
}

fn invalid_suite(invalid: &Invalid) -> TestSuite {
    let mut suite = TestSuite::new(invalid.file.as_str());
    let status = failed(NonSuccessKind::Error, "not a scenario", &invalid.diagnostics.join("\n"));
    suite.add_test_case(case(&invalid.file, "loads", status));
    suite
}

fn add_cases(run: &RunOutcome, suite: &mut TestSuite) {
    if let Some(found) = &run.reproduction {
        let (says, lines) = (found.result.says(), reproduction::plain(found));
        let status = match found.result {
            Reproduced::Exactly | Reproduced::InEffect => TestCaseStatus::success(),
            Reproduced::Broken => failed(NonSuccessKind::Failure, says, &lines),
            Reproduced::Not => failed(NonSuccessKind::Error, says, &lines),
        };
        suite.add_test_case(case(&run.subject.name, "is reproduced", status));
    }
    // Another run than the one that was asked for is no failure of what is tested, nor is one that its file expects.
    let is_expected = is_other_run(run) || run.fails_by().is_some();
    for checked in &run.checks {
        let status = match run.standing(checked) {
            Standing::Held | Standing::NotExercised => TestCaseStatus::success(),
            Standing::NotDecided(times) => {
                skipped(&format!("not decided {}", counted(times, "time")))
            }
            Standing::Violated(found) if is_expected => skipped(&found.says),
            Standing::Follows(_, also) if is_expected => skipped(&also.says),
            Standing::Violated(found) => {
                let place = format!("at {}, step {}: {}", found.at, found.step, found.says);
                failed(NonSuccessKind::Failure, &found.says, &place)
            }
            Standing::Follows(from, also) => {
                let place = format!("follows from {}: {}", from.property, from.says);
                failed(NonSuccessKind::Failure, &also.says, &place)
            }
        };
        suite.add_test_case(case(&run.subject.name, checked.property, status));
    }
    for missed in &run.missed {
        let place = missed.place(&run.subject.file);
        let (name, message) = match missed.what {
            Awaited::Sight => ("expectation", missed.says.clone()),
            Awaited::Fault => ("fault", format!("this fault never fired: {}", missed.says)),
        };
        let name = format!("{name} {}:{}", missed.line, missed.column);
        let lines: Vec<&str> =
            [place.as_str()].into_iter().chain(missed.instead.iter().map(String::as_str)).collect();
        let status = failed(NonSuccessKind::Failure, &message, &lines.join("\n"));
        suite.add_test_case(case(&run.subject.name, &name, status));
    }
    if let Some(repeat) = &run.repeat {
        let status = match repeat {
            Repeat::Same => TestCaseStatus::success(),
            Repeat::Different { first_difference, .. } => {
                failed(NonSuccessKind::Error, "two runs differ", first_difference)
            }
        };
        suite.add_test_case(case(&run.subject.name, "repeats", status));
    }
    if let Some(broken) = &run.broken {
        let status = failed(NonSuccessKind::Error, &broken.cause.to_string(), "broke off");
        suite.add_test_case(case(&run.subject.name, "ends", status));
    } else if run.verdict() == Verdict::Open && !is_other_run(run) {
        let stop = run.stop.to_string();
        let says = run.unrest.as_ref().map_or(stop, unrest::plain);
        let message = says.lines().next().unwrap_or_default();
        let status = failed(NonSuccessKind::Error, message, &says);
        suite.add_test_case(case(&run.subject.name, "comes to rest", status));
    }
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

fn failed(kind: NonSuccessKind, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message);
    status.set_description(description);
    status
}
