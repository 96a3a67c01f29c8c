//! What the runs of a campaign exercised, and what they did not.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::explore::{Campaign, Counts, FaultCounts, PossibleFault};
use crate::model::grouped;

/// The maximum number of names on a line.
const NAMES_MAX: usize = 6;

/// A line for each fault, and lists of faults and places that the campaign did not exercise.
pub(super) fn ledger(campaign: &Campaign, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let counts = |fault: &PossibleFault| campaign.tally.faults.get(&fault.name);
    let faults = || campaign.universe.faults.iter().map(|fault| (fault, counts(fault)));
    let mut table = Table::new(&[Side::Left, Side::Right, Side::Right, Side::Right, Side::Left]);
    let titles = ["fault", "fired", "seen", "runs", "fired/seen at"];
    table.row(titles.map(|title| (title.to_owned(), &palette.faint)).to_vec());
    for (fault, counts) in faults() {
        let Counts { fired, seen } = counts.map(FaultCounts::total).unwrap_or_default();
        let paint = if seen == 0 { &palette.doubtful } else { &plain };
        table.row(vec![
            (fault.name.clone(), paint),
            (grouped(fired), &plain),
            (grouped(seen), &plain),
            (grouped(counts.map_or(0, |counts| counts.runs)), &plain),
            (counts.map(places).unwrap_or_default(), &plain),
        ]);
    }
    table.write(2, out);
    let fired = || faults().filter_map(|(fault, counts)| Some((fault, counts?)));
    let never = faults().filter(|(_, counts)| counts.is_none());
    let never: Vec<&str> = never.map(|(fault, _)| fault.name.as_str()).collect();
    let never = chunked(&never);
    let at = |(fault, kinds): (&PossibleFault, Vec<&str>)| {
        (!kinds.is_empty()).then(|| format!("{} at {}", fault.name, kinds.join(", ")))
    };
    let unseen = fired().map(|(fault, counts)| (fault, counts.unseen_at())).filter_map(at);
    let spared = fired().map(|(fault, counts)| (fault, fault.not_exercised_at(Some(counts))));
    say("never fired:", &never, palette, out);
    say("fired, never seen:", &unseen.collect::<Vec<_>>(), palette, out);
    say("not exercised at:", &spared.filter_map(at).collect::<Vec<_>>(), palette, out);
}

/// Names, several on a line.
pub(super) fn chunked(names: &[impl AsRef<str>]) -> Vec<String> {
    let line = |names: &[_]| names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    names.chunks(NAMES_MAX).map(line).collect()
}

/// A list with a title, unless it is empty.
pub(super) fn say(what: &str, lines: &[String], palette: &Palette, out: &mut String) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", palette.doubtful.on(what));
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

/// `api 3/3, relay 120/118`.
fn places(counts: &FaultCounts) -> String {
    let place = |(kind, Counts { fired, seen }): (&String, &Counts)| {
        format!("{kind} {}/{}", grouped(*fired), grouped(*seen))
    };
    counts.at.iter().map(place).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::campaign::tests::campaign;

    fn possible(name: &str, at: &[&str]) -> PossibleFault {
        let at = at.iter().map(|kind| (*kind).to_owned()).collect();
        PossibleFault { name: name.to_owned(), family: "Link".to_owned(), at }
    }

    fn counts(runs: u64, at: &[(&str, u64, u64)]) -> FaultCounts {
        let at = at
            .iter()
            .map(|(kind, fired, seen)| ((*kind).to_owned(), Counts { fired: *fired, seen: *seen }));
        FaultCounts { runs, at: at.collect() }
    }

    #[test]
    fn a_campaign_lists_what_it_did_not_exercise() {
        let mut campaign = campaign();
        campaign.universe.faults = vec![
            possible("Drop", &["api", "store"]),
            possible("Pause", &["api", "store", "relay"]),
            possible("Redelivery", &["broker"]),
            possible("ServiceSlow", &["service"]),
        ];
        campaign.tally.faults = [
            ("Drop".to_owned(), counts(2, &[("api", 3, 3), ("store", 1, 1)])),
            ("Pause".to_owned(), counts(1, &[("relay", 120, 118)])),
            ("Redelivery".to_owned(), counts(1, &[("broker", 5, 0)])),
        ]
        .into();
        let mut text = String::new();
        ledger(&campaign, &Palette::default(), &mut text);
        assert_eq!(
            text,
            "  fault        fired  seen  runs  fired/seen at\n\
             \x20 Drop             4     4     2  api 3/3, store 1/1\n\
             \x20 Pause          120   118     1  relay 120/118\n\
             \x20 Redelivery       5     0     1  broker 5/0\n\
             \x20 ServiceSlow      0     0     0\n\
             \nnever fired:\n  ServiceSlow\n\
             \nfired, never seen:\n  Redelivery at broker\n\
             \nnot exercised at:\n\
             \x20 Pause at api, store\n"
        );
    }
}
