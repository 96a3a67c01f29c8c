//! `jetlag serve`: a running simulation as a page, on this machine only.
//!
//! ```text
//!  browser ──GET / ─────────▶ the page
//!          ──GET /events ───▶ frames, as server-sent events   ◀── session, at the speed that was chosen
//!          ──POST /do ──────▶ what was pressed                ──▶ session
//! ```

mod clients;
mod guard;
mod pace;
mod server;

use std::path::PathBuf;

use super::exit::Exit;
use super::load::load_one;
use super::output::{note, result};
use super::watched::Watched;
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::live::{Case, Session};
use guard::Guard;
use server::Server;

/// Which simulation, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario file; without it, the scenarios that the domains show first, one after the other
    file: Option<PathBuf>,
    /// The port on 127.0.0.1 [default: any that is free]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
}

impl Args {
    pub(super) fn run(self, harness: &Harness) -> Result<Exit, Trouble> {
        let cases = match &self.file {
            Some(file) => vec![case(harness, file)?],
            None => tour(harness)?,
        };
        let session = Session::new(harness.clone(), cases, watched);
        let session = session.map_err(|refused| Trouble::new(refused.0))?;
        let (listener, port) = server::listener(self.port)?;
        let guard = Guard::new(port)?;
        result(format_args!("http://127.0.0.1:{port}/?token={}\n", guard.token()))?;
        note("open this address in a browser; Ctrl-C ends the simulation");
        Server::new(listener, guard, session).run();
        Ok(Exit::Held)
    }
}

/// A scenario whose runs are given up early: as long as one hangs, no page is answered.
fn watched(scenario: Box<dyn AnyScenario>) -> Box<dyn AnyScenario> {
    Box::new(Watched::with_patience(scenario, LOOKS_MAX))
}

/// The number of looks, ten a second, before a run that handles the same occurrence is given up.
const LOOKS_MAX: u64 = 30;

/// A file as the only case.
fn case(harness: &Harness, file: &std::path::Path) -> Result<Case, Trouble> {
    let scenario = load_one(harness, file)?;
    if scenario.recorded().is_some() {
        let message = format!("{} is a capsule, which fixes its run", scenario.path());
        return Err(
            Trouble::new(message).hint("`report` shows the run of a capsule; name a scenario")
        );
    }
    Ok(Case {
        name: scenario.name().to_owned(),
        says: scenario.about().to_owned(),
        path: scenario.path().to_owned(),
        text: scenario.text().to_owned(),
    })
}

/// The scenarios that the domains show first; of domains that name none, those of the folder.
fn tour(harness: &Harness) -> Result<Vec<Case>, Trouble> {
    if !harness.tour.is_empty() {
        let case = |(name, says, path, text): &(&str, &str, &str, &str)| Case {
            name: (*name).to_owned(),
            says: (*says).to_owned(),
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        return Ok(harness.tour.iter().map(case).collect());
    }
    let files = harness.files(&[harness.folder.into()])?;
    files.iter().map(|file| case(harness, file)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Counting, HANGS};

    /// A session whose first scenario hangs after three seconds; the second one does not.
    fn session() -> Session {
        let case = |name: &str, amount: i64| {
            let add = |at, amount| {
                format!("(at: \"{at}\", who: \"ana\", does: Add(counter: 0, amount: {amount}))")
            };
            let script = format!("[{}, {}]", add("1s", 1), add("3s", amount));
            let text = format!("(name: \"{name}\", domain: Counting, script: {script})");
            Case { name: name.to_owned(), says: String::new(), path: format!("{name}.ron"), text }
        };
        let cases = vec![case("hangs", HANGS), case("ends", 2)];
        let watched: fn(Box<dyn AnyScenario>) -> Box<dyn AnyScenario> =
            |it| Box::new(Watched::with_patience(it, 3));
        Session::new(Harness::of::<Counting>("scenarios"), cases, watched).expect("it is valid")
    }

    /// What a page is told of the run.
    fn told(session: &Session) -> Value {
        let (frame, _) = session.open(&json!({}));
        let frame: Value = serde_json::from_str(&frame).expect("a frame is JSON");
        frame["document"]["run"].clone()
    }

    #[test]
    fn a_session_whose_handler_hangs_says_so_and_goes_on() {
        let mut session = session();
        assert_eq!(told(&session)["broken"], Value::Null, "it has not happened yet");
        session.advance(usize::MAX);
        let run = told(&session);
        let says = run["broken"]["says"].as_str().expect("the run broke off");
        assert!(says.starts_with("hung: a handler did not return"), "{says}");
        assert!(run["occurrences"].as_u64().is_some_and(|count| count > 5), "{run}");
        assert_eq!(session.save(), session.text(), "it can be saved");
        session.choose(1).expect("there is a second case");
        session.advance(usize::MAX);
        assert_eq!(told(&session)["verdict"], "held");
    }
}
