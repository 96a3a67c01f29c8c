//! A campaign as text.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::properties::Properties;
use super::table::{Side, Table};
use super::text::{block, colour};
use crate::model::{counted, grouped};
use crate::session::{Campaign, CampaignFaults, Counts, FaultCounts};

/// The maximum number of faults that a line names.
const NAMES_MAX: usize = 6;

/// The result of a campaign, and either the failing run that ended it or a table of faults.
pub(super) fn campaign_text(
    campaign: &Campaign,
    properties: Properties,
    palette: &Palette,
) -> String {
    let mut out = String::new();
    let (base, version) = (campaign.request.seed, env!("CARGO_PKG_VERSION"));
    let scenarios = counted(campaign.subjects.len() as u64, "scenario");
    let faults = counted(campaign.tallies.kinds().count() as u64, "kind");
    let title = palette.strong.on("fuzz");
    let _ = writeln!(
        out,
        "{title}   seed {base} and on   {scenarios}   {faults} of fault   jetlag {version}"
    );
    let verdict = campaign.verdict();
    let mut parts = vec![
        match campaign.failure {
            None if campaign.interrupted => {
                format!("{} of {} runs", grouped(campaign.runs), grouped(campaign.asked))
            }
            None => counted(campaign.runs, "run"),
            Some(_) => format!("run {} of {}", grouped(campaign.runs), grouped(campaign.asked)),
        },
        format!("digest {:016x}", campaign.digest),
        counted(campaign.occurrences, "occurrence"),
        counted(campaign.events, "event"),
        counted(campaign.checks, "check"),
    ];
    parts.extend(campaign.took.map(|took| format!("took {took:.3?}")));
    let word = colour(verdict, palette).on(verdict.word());
    let _ = writeln!(out, "  {word}  {}", parts.join(" · "));
    out.push('\n');
    for (nth, run) in campaign.failures().enumerate() {
        out += if nth == 0 { "" } else { "\n" };
        out += &block(run, properties, palette);
    }
    if campaign.failures().next().is_none() {
        ledger(&campaign.tallies, palette, &mut out);
    }
    out
}

/// A line for each fault, and lists of faults and places that the campaign did not exercise.
fn ledger(tallies: &CampaignFaults, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left, Side::Right, Side::Right, Side::Right, Side::Left]);
    let titles = ["fault", "fired", "seen", "runs", "fired/seen at"];
    table.row(titles.map(|title| (title.to_owned(), &palette.faint)).to_vec());
    for tally in tallies.kinds() {
        let Counts { fired, seen } = tally.total();
        let paint = if seen == 0 { &palette.doubtful } else { &plain };
        table.row(vec![
            (tally.fault.name.to_owned(), paint),
            (grouped(fired), &plain),
            (grouped(seen), &plain),
            (grouped(tally.runs), &plain),
            (places(tally), &plain),
        ]);
    }
    table.write(2, out);
    let never = |tally: &&FaultCounts| tally.total().fired == 0;
    let names: Vec<&str> = tallies.kinds().filter(never).map(|tally| tally.fault.name).collect();
    let names: Vec<String> = names.chunks(NAMES_MAX).map(|names| names.join(", ")).collect();
    let at = |kinds: fn(&FaultCounts) -> Vec<&'static str>| -> Vec<String> {
        let fired = tallies.kinds().filter(|tally| tally.total().fired > 0);
        let named = fired.map(|tally| (tally.fault.name, kinds(tally)));
        let named = named.filter(|(_, kinds)| !kinds.is_empty());
        named.map(|(name, kinds)| format!("{name} at {}", kinds.join(", "))).collect()
    };
    let mut say = |what: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{}", palette.doubtful.on(what));
            for line in lines {
                let _ = writeln!(out, "  {line}");
            }
        }
    };
    say("never fired:", &names);
    say("fired, never seen:", &at(FaultCounts::unseen_at));
    say("not exercised at:", &at(FaultCounts::not_exercised_at));
}

/// `api 3/3, relay 120/118`.
fn places(tally: &FaultCounts) -> String {
    let place = |(kind, Counts { fired, seen }): (&&str, &Counts)| {
        format!("{kind} {}/{}", grouped(*fired), grouped(*seen))
    };
    tally.at.iter().map(place).collect::<Vec<_>>().join(", ")
}
