//! A campaign as text.

use std::fmt::Write;

use super::coverage::{coverage, files};
use super::ledger::ledger;
use super::palette::{Paint, Palette};
use super::properties::Properties;
use super::table::{Side, Table};
use super::text::{block, colour};
use crate::explore::{Campaign, Ended, FailureKind, Finding, Orders, Shard, Standing};
use crate::model::{counted, grouped, printable, quoted};

/// The outcome of a campaign: what it found, what it did, and what it did not exercise.
pub(super) fn campaign_text(campaign: &Campaign, palette: &Palette) -> String {
    let mut out = String::new();
    let (id, title) = (&campaign.id, palette.strong.on("fuzz"));
    let scenarios = counted(id.files.len() as u64, "scenario");
    let faults = counted(campaign.universe.faults.len() as u64, "kind");
    let shard = match campaign.shard {
        Shard::WHOLE => String::new(),
        shard => format!("shard {shard}   "),
    };
    let _ = writeln!(
        out,
        "{title}   {shard}seed {}   {scenarios}   {faults} of fault   {}   jetlag {}",
        id.seed, id.policy, id.version
    );
    findings(campaign, palette, &mut out);
    figures(campaign, palette, &mut out);
    if let Some(run) = campaign.ended_by() {
        let _ = write!(out, "\n{}", block(run, Properties::default(), palette));
    }
    out.push('\n');
    ledger(campaign, palette, &mut out);
    coverage(campaign, palette, &mut out);
    if campaign.lists_files {
        files(campaign, palette, &mut out);
    }
    if let Some((_, first)) = campaign.findings().first() {
        let _ =
            writeln!(out, "\n  {}   {}", palette.faint.on("next"), replay_command(campaign, first));
    }
    out
}

/// What was found, in order of the first runs, and what became of what earlier campaigns found.
fn findings(campaign: &Campaign, palette: &Palette, out: &mut String) {
    let found = campaign.findings();
    if found.is_empty() {
        return;
    }
    out.push('\n');
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left; 6]);
    for (standing, finding) in found {
        let (word, paint) = word(standing, finding, palette);
        let mut row = vec![
            (word.to_owned(), paint),
            (finding.failure.property.clone(), &palette.strong),
            (standing.says().to_owned(), &plain),
        ];
        if matches!(standing, Standing::New | Standing::StillThere) {
            row.push((format!("first in run {}", grouped(finding.run)), &plain));
            row.push((format!("seen {}", counted(finding.times, "time")), &plain));
        } else {
            row.extend([(String::new(), &plain), (String::new(), &plain)]);
        }
        row.push((place(campaign, finding), &plain));
        table.row(row);
        let says = printable(&finding.failure.says).into_owned();
        table.line(format!("       {says}"));
    }
    table.write(2, out);
}

fn word<'a>(
    standing: Standing,
    finding: &Finding,
    palette: &'a Palette,
) -> (&'static str, &'a Paint) {
    match (standing, finding.failure.kind) {
        (Standing::Gone, _) => ("GONE", &palette.good),
        (Standing::NotYet, _) => ("BEFORE", &palette.doubtful),
        (Standing::New | Standing::StillThere, FailureKind::NoVerdict) => {
            ("OPEN", &palette.doubtful)
        }
        (Standing::New | Standing::StillThere, _) => ("FOUND", &palette.bad),
    }
}

/// Where a finding is: its capsule, or without a folder its scenario.
pub(super) fn place(campaign: &Campaign, finding: &Finding) -> String {
    match &campaign.folder {
        Some(folder) => format!("{folder}/{}", finding.file_name()),
        None => printable(&finding.file).into_owned(),
    }
}

/// The command that shows a finding.
pub(super) fn replay_command(campaign: &Campaign, finding: &Finding) -> String {
    let command = campaign.command;
    match &campaign.folder {
        Some(_) => format!("{command} replay {}", quoted(&place(campaign, finding))),
        None => {
            let seed = campaign.id.seed.wrapping_add(finding.run);
            format!("{command} replay {} --seed {seed} --fuzz", quoted(&finding.file))
        }
    }
}

/// `8,204 distinct orders, about 3.1 % unseen`.
fn orders(orders: &Orders) -> String {
    let about = if orders.is_estimate() { "about " } else { "" };
    let distinct = counted(orders.distinct(), "distinct order");
    let unseen = orders.unseen_permille().map_or_else(String::new, |share| {
        format!(", about {}.{} % unseen", share / 10, share % 10)
    });
    format!("{about}{distinct}{unseen}")
}

/// `held  10,000 runs · digest … · 31,204,118 occurrences · …`.
fn figures(campaign: &Campaign, palette: &Palette, out: &mut String) {
    let (tally, verdict) = (&campaign.tally, campaign.verdict());
    let runs = match (&campaign.ended, campaign.asked_here()) {
        (Ended::Done, _) | (_, None) => counted(tally.runs, "run"),
        (_, Some(asked)) => format!("{} of {} runs", grouped(tally.runs), grouped(asked)),
    };
    let mut parts = vec![
        runs,
        format!("digest {:016x}", tally.digest),
        counted(tally.occurrences, "occurrence"),
        counted(tally.events, "event"),
        counted(tally.checks, "check"),
        orders(&tally.orders),
    ];
    parts.extend(campaign.took.map(|took| format!("took {took:.3?}")));
    let word = colour(verdict, palette).on(verdict.word());
    let _ = writeln!(out, "\n  {word}  {}", parts.join(" · "));
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::explore::{CampaignId, Failure, FileId, Old, Tally, Universe};

    /// A campaign of ten thousand runs without findings.
    pub(in crate::report) fn campaign() -> Campaign {
        let file = FileId { path: "trips/last seat.ron".to_owned(), hash: 0x9f_2c41 };
        Campaign {
            id: CampaignId {
                version: "0.2.0".to_owned(),
                seed: 7,
                policy: "mixture".to_owned(),
                block: 4_096,
                files: vec![file],
            },
            universe: Universe::default(),
            shard: Shard::WHOLE,
            asked: Some(10_000),
            tally: Tally { runs: 10_000, occurrences: 31_000_000, digest: 5, ..Tally::default() },
            old: Vec::new(),
            ended: Ended::Done,
            command: "jetlag",
            folder: Some("findings".to_owned()),
            lists_files: false,
            took: None,
        }
    }

    fn finding(property: &str, run: u64, times: u64) -> Finding {
        let failure = Failure {
            kind: FailureKind::Violated,
            property: property.to_owned(),
            roles: "booking was captured twice".to_owned(),
            says: "b-1 was captured twice".to_owned(),
        };
        let file = "trips/last seat.ron".to_owned();
        Finding { failure, run, file, times, capsule: String::new() }
    }

    #[test]
    fn findings_are_compared_with_those_of_the_campaign_before() {
        let mut found = campaign();
        for finding in [finding("in-order", 2_394, 3), finding("captured-once", 35, 88)] {
            found.tally.findings.insert(finding.failure.identity(), finding);
        }
        found.old = [("in-order", 9_000), ("drains", 10_000), ("sold-once", 20_000)]
            .map(|(property, runs)| Old { finding: finding(property, 12, 1), runs })
            .to_vec();
        let text = campaign_text(&found, &Palette::default());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "fuzz   seed 7   1 scenario   0 kinds of fault   mixture   jetlag 0.2.0"
        );
        let shown: Vec<String> = lines[2..12]
            .iter()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let says = "b-1 was captured twice";
        let place = |property| format!("findings/{}", finding(property, 1, 1).file_name());
        assert_eq!(
            shown[..8],
            [
                format!(
                    "FOUND captured-once new first in run 35 seen 88 times {}",
                    place("captured-once")
                ),
                says.to_owned(),
                format!(
                    "FOUND in-order still there first in run 2,394 seen 3 times {}",
                    place("in-order")
                ),
                says.to_owned(),
                format!("GONE drains gone {}", place("drains")),
                says.to_owned(),
                format!("BEFORE sold-once not found yet {}", place("sold-once")),
                says.to_owned(),
            ]
        );
        assert!(
            shown[9].starts_with("FAILED 10,000 runs · digest 0000000000000005 · 31,000,000"),
            "{text}"
        );
        let next = format!("next   jetlag replay {}\n", place("captured-once"));
        assert!(text.ends_with(&next), "{text}");
    }

    #[test]
    fn an_interrupted_campaign_says_how_many_runs_it_made() {
        let found = Campaign { ended: Ended::Interrupted, asked: Some(50_000), ..campaign() };
        let text = campaign_text(&found, &Palette::default());
        assert!(text.contains("\n  interrupted  10,000 of 50,000 runs · digest "), "{text}");
    }
}
