//! What the runs of a campaign reached, and what they never did.

use super::ledger::{chunked, say};
use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::explore::{Campaign, FileCounts};
use crate::model::{grouped, printable};
use crate::session::{Feature, FeatureKind, never_met};

/// The most pairs that are named.
const PAIRS_MAX: usize = 6;

/// A line for each kind of feature, what was never reached of it, and the claims that no run met.
pub(super) fn coverage(campaign: &Campaign, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let (all, reached) = (&campaign.universe.features, campaign.reached());
    let never = never_met(all, &reached);
    let mut table = Table::new(&[Side::Left, Side::Right, Side::Right]);
    let of = |features: &mut dyn Iterator<Item = &Feature<String>>, kind| {
        features.filter(|feature| feature.kind == kind).count() as u64
    };
    let titles = ["coverage", "reached", "not reached"];
    table.row(titles.map(|title| (title.to_owned(), &palette.faint)).to_vec());
    for kind in SHOWN {
        let (hit, missed) = (of(&mut reached.iter(), kind), of(&mut never.iter(), kind));
        if hit + missed > 0 {
            let paint = if missed > 0 { &palette.doubtful } else { &plain };
            let row = [(kind.says().to_owned(), &plain), (grouped(hit), &plain)];
            table.row(row.into_iter().chain([(grouped(missed), paint)]).collect());
        }
    }
    out.push('\n');
    table.write(2, out);
    for kind in SHOWN {
        let names: Vec<String> =
            never.iter().filter(|feature| feature.kind == kind).map(ToString::to_string).collect();
        let shown = if kind.is_of_pairs() { names.len().min(PAIRS_MAX) } else { names.len() };
        let mut lines = if kind.is_of_pairs() { names[..shown].to_vec() } else { chunked(&names) };
        if shown < names.len() {
            lines.push(format!("and {} more", grouped((names.len() - shown) as u64)));
        }
        say(&format!("never reached, {}:", kind.says()), &lines, palette, out);
    }
    let unmet = campaign.unmet().map(|claim| format!("{}   {}", claim.place, claim.says));
    say("claims that no run met:", &unmet.collect::<Vec<_>>(), palette, out);
}

/// The kinds of features that are not in the table of faults.
const SHOWN: [FeatureKind; 4] =
    [FeatureKind::Event, FeatureKind::Rejection, FeatureKind::Stimulus, FeatureKind::FaultDuring];

/// A line for each file: how much of the campaign it took.
pub(super) fn files(campaign: &Campaign, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left, Side::Right, Side::Right, Side::Right]);
    let titles = ["file", "runs", "occurrences", "share"];
    table.row(titles.map(|title| (title.to_owned(), &palette.faint)).to_vec());
    for file in &campaign.id.files {
        let counts = campaign.tally.files.get(&file.path).copied().unwrap_or_default();
        let FileCounts { runs, occurrences } = counts;
        let whole = campaign.tally.occurrences.max(1);
        let permille = u128::from(occurrences) * 1_000 / u128::from(whole);
        table.row(vec![
            (printable(&file.path).into_owned(), &plain),
            (grouped(runs), &plain),
            (grouped(occurrences), &plain),
            (format!("{}.{} %", permille / 10, permille % 10), &plain),
        ]);
    }
    out.push('\n');
    table.write(2, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::{FileClaim, Times};
    use crate::report::campaign::tests::campaign;

    fn feature(kind: FeatureKind, what: &str, with: &str) -> Feature<String> {
        Feature { kind, what: what.to_owned(), with: with.to_owned() }
    }

    /// Two event types and four pairs, of which the runs reached one type and two pairs.
    fn half_reached() -> Campaign {
        let mut campaign = campaign();
        let pair = |what, with| feature(FeatureKind::Stimulus, what, with);
        campaign.universe.features = vec![
            feature(FeatureKind::Event, "Added", ""),
            feature(FeatureKind::Event, "Noted", ""),
            pair("Asked", "ReplyReceived"),
            pair("Asked", "TimerFired"),
            pair("Stamped", "ReplyReceived"),
            pair("Stamped", "TimerFired"),
            pair("Lost", "Restarted"),
        ];
        let claim = |line, says: &str| FileClaim {
            place: format!("a.ron:{line}:5"),
            says: says.to_owned(),
        };
        campaign.universe.claims = vec![claim(8, "the event Added"), claim(9, "the event Noted")];
        let once = Times { runs: 1, first: 3 };
        campaign.tally.reached = [0, 2, 5].map(|number| (number, once)).into();
        campaign.tally.met = [(0, once)].into();
        campaign
    }

    #[test]
    fn a_campaign_says_what_it_never_reached() {
        let mut text = String::new();
        coverage(&half_reached(), &Palette::default(), &mut text);
        assert_eq!(
            text,
            "\n  coverage               reached  not reached\n\
             \x20 event types                  1            1\n\
             \x20 saga states × stimuli        2            2\n\
             \nnever reached, event types:\n  Noted\n\
             \nnever reached, saga states × stimuli:\n\
             \x20 Asked × TimerFired\n  Stamped × ReplyReceived\n\
             \nclaims that no run met:\n  a.ron:9:5   the event Noted\n"
        );
    }

    #[test]
    fn files_are_listed_with_their_shares_of_the_occurrences() {
        let mut campaign = half_reached();
        campaign.tally.occurrences = 1_000;
        let counts = FileCounts { runs: 12, occurrences: 255 };
        campaign.tally.files = [("trips/last seat.ron".to_owned(), counts)].into();
        let mut text = String::new();
        files(&campaign, &Palette::default(), &mut text);
        assert_eq!(
            text,
            "\n  file                 runs  occurrences   share\n\
             \x20 trips/last seat.ron    12          255  25.5 %\n"
        );
    }
}
