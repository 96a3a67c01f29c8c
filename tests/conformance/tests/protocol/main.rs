//! The protocol in SQL under load, and each mistake of [`MISTAKES`]: `jetlag check` judges the histories.
//!
//! Without servers the tests are listed as ignored. With `JETLAG_SERVERS=required` they fail instead.

use std::path::PathBuf;
use std::time::Duration;

use jetlag_conformance::protocol::{
    Figures, Judgement, MISTAKES, Mistake, Plan, check, command, run,
};
use jetlag_conformance::servers::{self, Servers};
use libtest_mimic::{Arguments, Failed, Trial};

/// How often a mistake is tried until it shows: what threads do to each other is not drawn from a seed.
const TRIALS_MAX: u64 = 60;

/// A load ends with a number of commands, which takes a second or two; on a slow machine, longer.
const LASTS_MAX: Duration = Duration::from_secs(30);

fn main() {
    let mut arguments = Arguments::from_args();
    // Each load has a dozen threads of its own.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let servers = servers::find();
    let trial = |name: String, test: Box<dyn FnOnce(Servers) -> Result<(), Failed> + Send>| {
        let run = move || test(servers.expect("a test that is not ignored has servers"));
        Trial::test(name, run).with_ignored_flag(servers.is_none())
    };
    let mut trials = vec![trial("holds_under_load".to_owned(), Box::new(holds))];
    trials.extend(MISTAKES.iter().map(|&(mistake, name, property)| {
        let test = move |servers| is_found(servers, mistake, name, property);
        trial(format!("finds::{name}"), Box::new(test))
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs a load and has its history judged.
fn judged(servers: Servers, plan: &Plan, name: &str) -> (Figures, Judgement) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (figures, file) = run(servers.postgres, plan, &folder).expect("a load ends");
    let judgement = check(&command(), &file);
    (figures, judgement)
}

fn holds(servers: Servers) -> Result<(), Failed> {
    let plan = Plan {
        lasts: LASTS_MAX,
        appends_max: 300,
        crash_one_in: 50,
        is_durable: false,
        ..Plan::default()
    };
    let (figures, judgement) = judged(servers, &plan, "holds");
    if judgement.status != 0 {
        return Err(format!("status {}\n{}", judgement.status, judgement.summary()).into());
    }
    assert!(figures.appends >= plan.appends_max, "hardly any load: {figures:?}");
    assert!(figures.cuts > 10 && figures.crashes > 0, "hardly any trouble: {figures:?}");
    for (_, _, property) in MISTAKES {
        assert!(judgement.holds(property), "{property} was not observed:\n{}", judgement.summary());
    }
    Ok(())
}

fn is_found(servers: Servers, mistake: Mistake, name: &str, property: &str) -> Result<(), Failed> {
    let mut last = String::new();
    for seed in 1..=TRIALS_MAX {
        let plan = Plan {
            lasts: LASTS_MAX,
            appends_max: 150,
            cut_one_in: 50,
            crash_one_in: 20,
            dawdle_one_in: 3,
            is_durable: false,
            mistake: Some(mistake),
            seed,
            ..Plan::default()
        };
        let (_, judgement) = judged(servers, &plan, name);
        if judgement.status == 1 && judgement.violates(property) {
            return Ok(());
        }
        last = judgement.summary();
    }
    Err(format!("{property} is not violated:\n{last}").into())
}
