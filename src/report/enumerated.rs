//! An enumeration as text.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::enumerate::{Ended, Enumerated, EnumerationId, Found, Level, State};
use crate::model::{counted, grouped, printable, quoted};

/// What an enumeration found, as text. `folder` is that of the capsules, `command` the name of the command.
pub fn enumerated(all: &Enumerated, (command, folder): (&str, &str), palette: &Palette) -> String {
    let mut out = String::new();
    let title = palette.strong.on("enumerate");
    let id = &all.state.id;
    let (name, version) = (printable(&id.name), env!("CARGO_PKG_VERSION"));
    let _ = writeln!(
        out,
        "{title}   {name}   up to {}   {}   jetlag {version}",
        deviations(id.depth),
        tried(id)
    );
    found(all, folder, palette, &mut out);
    levels(all, palette, &mut out);
    verdict(all, palette, &mut out);
    if let Some(first) = all.state.found.first() {
        let path = quoted(&format!("{folder}/{}", first.finding.file_name()));
        let _ = writeln!(out, "\n  {}   {command} replay {path}", palette.faint.on("next"));
    }
    out
}

fn deviations(number: usize) -> String {
    counted(number as u64, "deviation")
}

/// `33 kinds of fault and the order of deliveries, about b-1`.
fn tried(id: &EnumerationId) -> String {
    let faults = match id.faults.len() {
        0 => None,
        kinds => Some(format!("{} of fault", counted(kinds as u64, "kind"))),
    };
    let order = id.order.then(|| "the order of deliveries".to_owned());
    let settings = id.settings.then(|| "small settings".to_owned());
    let tried: Vec<String> = faults.into_iter().chain(order).chain(settings).collect();
    let about = id.about.as_ref().map_or_else(String::new, |about| format!(", about {about}"));
    tried.join(" and ") + &about
}

/// The failures, in the order in which they were met.
fn found(all: &Enumerated, folder: &str, palette: &Palette, out: &mut String) {
    if all.state.found.is_empty() {
        return;
    }
    out.push('\n');
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left; 4]);
    for Found { finding, .. } in &all.state.found {
        table.row(vec![
            ("FOUND".to_owned(), &palette.bad),
            (finding.failure.property.clone(), &palette.strong),
            (format!("seen {}", counted(finding.times, "time")), &plain),
            (format!("{folder}/{}", finding.file_name()), &plain),
        ]);
        table.line(format!("       {}", printable(&finding.failure.says)));
    }
    table.write(2, out);
}

/// A line for each number of deviations.
fn levels(all: &Enumerated, palette: &Palette, out: &mut String) {
    out.push('\n');
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Right; 5]);
    let heads = ["deviations", "runs", "different orders", "failed", "left out"];
    let heads = if left_out(&all.state) > 0 { &heads[..] } else { &heads[..4] };
    table.row(heads.iter().map(|head| ((*head).to_owned(), &palette.faint)).collect());
    for (number, level) in all.state.levels.iter().enumerate() {
        let Level { runs, failed, orders, .. } = level;
        let about = if orders.is_estimate() { "about " } else { "" };
        let mut row = vec![
            (number.to_string(), &plain),
            (grouped(*runs), &plain),
            (format!("{about}{}", grouped(orders.distinct())), &plain),
            (grouped(*failed), if *failed > 0 { &palette.bad } else { &plain }),
        ];
        if heads.len() > 4 {
            let left_out = match all.state.about(number).1 {
                0 => "0".to_owned(),
                runs => format!("about {}", grouped(runs)),
            };
            row.push((left_out, &plain));
        }
        table.row(row);
    }
    table.write(2, out);
}

/// About how many runs were left out.
fn left_out(state: &State) -> u64 {
    (0..state.levels.len()).map(|deviations| state.about(deviations).1).sum()
}

/// What is known now, and what is not.
fn verdict(all: &Enumerated, palette: &Palette, out: &mut String) {
    let runs = grouped(all.state.runs());
    let complete = all.complete();
    let levels = &all.state.levels;
    let failed: u64 = levels.iter().map(|level| level.failed).sum();
    out.push('\n');
    if failed > 0 {
        let ways = counted(all.state.found.len() as u64, "way");
        let word = palette.bad.on("VIOLATED");
        let _ = writeln!(out, "  {word}  {} of {runs} runs failed, in {ways}", grouped(failed));
    }
    let limit = complete.map(deviations);
    match (&all.ended, limit) {
        (Ended::Complete, Some(limit)) if failed == 0 => {
            let word = palette.good.on("HELD");
            let _ = writeln!(out, "  {word}  all {runs} runs with up to {limit} hold");
        }
        (Ended::Complete, _) => {
            let earlier = levels.iter().take(all.state.id.depth);
            if earlier.map(|level| level.failed).sum::<u64>() > 0 {
                out.push_str("  runs that failed were not combined with further deviations\n");
            }
        }
        (Ended::Stopped(missing), limit) => {
            let about = levels.last().map_or(0, |level| level.runs) + missing;
            let number = levels.len().saturating_sub(1);
            let word = palette.doubtful.on("STOPPED");
            let made = grouped(about - missing);
            let _ = writeln!(
                out,
                "  {word}  after {made} of about {} runs with {}",
                grouped(about),
                deviations(number)
            );
            if let Some(limit) = limit.filter(|_| failed == 0) {
                let _ = writeln!(out, "  all runs with up to {limit} hold");
            }
        }
        (Ended::Broken(run), _) => {
            let cause =
                run.broken.as_ref().map_or_else(String::new, |broken| broken.cause.to_string());
            let _ = writeln!(out, "  {}  {}", palette.bad.on("ENDED"), printable(&cause));
        }
    }
    let left_out = left_out(&all.state);
    if left_out > 0 {
        let left_out = grouped(left_out);
        let _ = writeln!(
            out,
            "  about {left_out} runs were left out: they contain a deviation that by itself changes nothing but times"
        );
    }
    if let Some(took) = all.took {
        let rate = u128::from(all.state.runs()) * 1_000 / took.as_millis().max(1);
        let _ = writeln!(out, "  took {took:.3?}, {} runs/s", grouped(rate as u64));
    }
}
