//! The protocol in SQL under load: `cargo run --bin load -- --for 600s`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use jetlag_conformance::protocol::{MISTAKES, Mistake, Plan, check, command, run};
use jetlag_conformance::servers;

const USAGE: &str = "\
Sells seats on PostgreSQL with the protocol in SQL, and has `jetlag check` judge the history.

  --for 600s          how long writers write (default 3s)
  --writers 8         how many there are
  --cut-one-in 100    a connection is cut in the course of one of so many statements; 0 for never
  --crash-one-in 200  a worker crashes at one of so many steps; 0 for never
  --dawdle-one-in 10  one of so many transactions stays open for a while; 0 for none
  --durable true      whether a commit waits for the disk
  --mistake NAME      what is done wrong; `list` prints the names
  --seed 1
  --history FOLDER    where the history is written (default target/history)

The servers are those that tests/servers/up has started. JETLAG_COMMAND names the jetlag command.";

fn main() -> ExitCode {
    match load() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn load() -> Result<ExitCode, String> {
    let mut plan = Plan::default();
    let mut folder = PathBuf::from("target/history");
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--help" {
            println!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--for" => plan.lasts = span(&value)?,
            "--writers" => plan.writers = number(&value)? as usize,
            "--cut-one-in" => plan.cut_one_in = number(&value)? as u32,
            "--crash-one-in" => plan.crash_one_in = number(&value)? as u32,
            "--dawdle-one-in" => plan.dawdle_one_in = number(&value)? as u32,
            "--durable" => plan.is_durable = value == "true",
            "--seed" => plan.seed = number(&value)?,
            "--history" => folder = PathBuf::from(value),
            "--mistake" if value == "list" => {
                MISTAKES.iter().for_each(|(_, name, finds)| println!("{name:24} {finds}"));
                return Ok(ExitCode::SUCCESS);
            }
            "--mistake" => {
                let known = Mistake::named(&value);
                plan.mistake = Some(known.ok_or(format!("there is no mistake {value}"))?);
            }
            _ => return Err(format!("there is no option {name}")),
        }
    }
    let servers = servers::find().ok_or("no servers: run tests/servers/up first")?;
    let (figures, file) =
        run(servers.postgres, &plan, &folder).map_err(|error| error.to_string())?;
    println!("{figures:#?}");
    let per_second = |count: u64| count as f64 / figures.lasted.as_secs_f64();
    println!(
        "{:.0} appends/s, {:.0} published/s, {:.0} applied/s",
        per_second(figures.appends),
        per_second(figures.published),
        per_second(figures.applied)
    );
    let judgement = check(&command(), &file);
    println!("{}", judgement.summary());
    Ok(ExitCode::from(u8::try_from(judgement.status).unwrap_or(2)))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn span(text: &str) -> Result<Duration, String> {
    let milliseconds = text.strip_suffix("ms").map(|number| (number, 1));
    let (digits, scale) = milliseconds
        .or_else(|| text.strip_suffix('s').map(|number| (number, 1000)))
        .ok_or(format!("{text}: a time is written 600s or 20ms"))?;
    Ok(Duration::from_millis(number(digits)? * scale))
}
