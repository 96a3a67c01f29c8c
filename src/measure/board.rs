//! What the trials say together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Interval, Strategy, Trial};
use crate::model::Defect;

/// The trials of some defects with some strategies.
#[derive(Clone, Debug)]
pub struct Board {
    /// The defects, in the order of their lists.
    pub defects: Vec<&'static Defect>,
    /// The strategies.
    pub strategies: Vec<Strategy>,
    /// The trials, in order of defects, strategies and campaigns.
    pub trials: Vec<Trial>,
}

/// The trials of one defect with one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The defect.
    pub defect: &'static str,
    /// The strategy.
    pub strategy: Strategy,
    /// The number of campaigns, and of those that found it.
    pub campaigns: (u64, u64),
    /// The runs to the first failure.
    pub runs: Interval,
    /// The property that spoke first most often.
    pub property: Option<String>,
    /// In how many campaigns a property of the list spoke first.
    pub named: u64,
    /// The median deviations of the failing runs, and of the shrunk ones.
    pub deviations: Option<(u64, u64)>,
    /// The median runs that shrinking took.
    pub replays: Option<u64>,
    /// The seconds of all campaigns together.
    pub seconds: f64,
}

/// The figures of a whole board.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The number of defects.
    pub defects: u64,
    /// How many the mixture finds within 10, 100, 1,000, … runs, as far as its campaigns go, in half of them or
    /// more.
    pub within: Vec<(u64, u64)>,
    /// How many enumeration finds; `None` if it was not tried.
    pub enumerated: Option<u64>,
    /// The share of the failures in which a property of the list spoke first: of how many, and how many.
    pub named: (u64, u64),
    /// The deviations of all shrunk runs: the median, and what 95 % do not exceed.
    pub shrunk: Option<(u64, u64)>,
    /// The replays of all shrunk runs, the same.
    pub replays: Option<(u64, u64)>,
    /// Of how many shrunk runs, and how many have one of the three most frequent forms of their defect. Defects with
    /// three of them or fewer do not count.
    pub forms: (u64, u64),
    /// The defect for which the mixture takes longest compared with its best member, and how many times as long, in
    /// tenths.
    pub worst: Option<(&'static str, u64)>,
}

/// The numbers of runs that a summary counts within.
const WITHIN: [u64; 5] = [10, 100, 1_000, 10_000, 100_000];
/// How many forms of a defect count as frequent.
const FORMS: usize = 3;

impl Board {
    /// A row for each defect and strategy with trials.
    pub fn rows(&self) -> Vec<Row> {
        let mut groups: BTreeMap<(String, String), Vec<&Trial>> = BTreeMap::new();
        for trial in &self.trials {
            groups.entry((trial.defect.clone(), trial.strategy.clone())).or_default().push(trial);
        }
        let row = |defect: &&'static Defect| {
            let rows = self.strategies.iter().filter_map(|strategy| {
                let trials = groups.get(&(defect.id.to_owned(), strategy.to_string()))?;
                Some(row(defect, *strategy, trials))
            });
            rows.collect::<Vec<_>>()
        };
        self.defects.iter().flat_map(row).collect()
    }

    /// The figures of all rows together.
    pub fn summary(&self) -> Summary {
        let rows = self.rows();
        let of = |strategy: Strategy| rows.iter().filter(move |row| row.strategy == strategy);
        let is_within = |row: &&Row, most: u64| row.runs.median.is_some_and(|runs| runs <= most);
        let mixture = Strategy::MIXTURE.to_string();
        let drawn = self.trials.iter().filter(|trial| trial.strategy == mixture);
        let cap = drawn.map(|trial| trial.cap).max().unwrap_or(0);
        let within = WITHIN.into_iter().filter(|most| *most <= cap);
        let found_within =
            |most| of(Strategy::MIXTURE).filter(|row| is_within(row, most)).count() as u64;
        let within = within.map(|most| (most, found_within(most))).collect();
        let is_enumerated = of(Strategy::Enumerate).next().is_some();
        let enumerated = of(Strategy::Enumerate).map(|row| u64::from(row.campaigns.1 > 0));
        let enumerated = is_enumerated.then(|| enumerated.sum());
        let found = self.trials.iter().filter(|trial| trial.runs.is_some());
        let named = rows.iter().map(|row| row.named).sum();
        let shrunk = found.clone().filter_map(|trial| trial.deviations.map(|(_, after)| after));
        let replays = found.clone().filter_map(|trial| trial.replays.map(u64::from));
        Summary {
            defects: self.defects.len() as u64,
            within,
            enumerated,
            named: (found.count() as u64, named),
            shrunk: median_and_most(shrunk.collect()),
            replays: median_and_most(replays.collect()),
            forms: self.forms(),
            worst: self.worst(&rows),
        }
    }

    /// How many shrunk runs there are, and how many of them have a frequent form.
    fn forms(&self) -> (u64, u64) {
        let mut of_defects: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for trial in &self.trials {
            if let Some(form) = &trial.form {
                *of_defects.entry(&trial.defect).or_default().entry(form).or_default() += 1;
            }
        }
        let counts = of_defects.into_values().map(|forms| {
            let mut counts: Vec<u64> = forms.into_values().collect();
            counts.sort_unstable_by_key(|count| Reverse(*count));
            let frequent: u64 = counts.iter().take(FORMS).sum();
            (counts.iter().sum::<u64>(), frequent)
        });
        let counts = counts.filter(|(all, _)| *all > FORMS as u64);
        counts.fold((0, 0), |sum, (all, frequent)| (sum.0 + all, sum.1 + frequent))
    }

    /// The defect for which the mixture is worst compared with its best member.
    fn worst(&self, rows: &[Row]) -> Option<(&'static str, u64)> {
        let ratio = |defect: &&'static Defect| {
            let of_defect = rows.iter().filter(|row| row.defect == defect.id);
            let is_mixture = |row: &&Row| row.strategy == Strategy::MIXTURE;
            let mixed = of_defect.clone().find(is_mixture)?.runs.median?;
            let members = of_defect.filter(|row| row.strategy.is_drawn() && !is_mixture(row));
            let best = members.filter_map(|row| row.runs.median).min()?;
            Some((defect.id, mixed * 10 / best.max(1)))
        };
        self.defects.iter().filter_map(ratio).max_by_key(|(_, tenths)| *tenths)
    }
}

fn row(defect: &'static Defect, strategy: Strategy, trials: &[&Trial]) -> Row {
    let is_named = |property: &str| defect.caught_by.contains(&property);
    let runs: Vec<Option<u64>> = trials.iter().map(|trial| trial.runs).collect();
    let mut spoke: BTreeMap<&str, u64> = BTreeMap::new();
    for property in trials.iter().filter_map(|trial| trial.property.as_deref()) {
        *spoke.entry(property).or_default() += 1;
    }
    let median = |numbers: Vec<u64>| median_and_most(numbers).map(|(median, _)| median);
    let deviations = || trials.iter().filter_map(|trial| trial.deviations);
    let before = median(deviations().map(|(before, _)| before).collect());
    let after = median(deviations().map(|(_, after)| after).collect());
    Row {
        defect: defect.id,
        strategy,
        campaigns: (trials.len() as u64, runs.iter().flatten().count() as u64),
        runs: Interval::of(&runs),
        property: spoke.into_iter().max_by_key(|(_, times)| *times).map(|(it, _)| it.to_owned()),
        named: trials.iter().filter(|trial| trial.property.as_deref().is_some_and(is_named)).count()
            as u64,
        deviations: before.zip(after),
        replays: median(trials.iter().filter_map(|trial| trial.replays.map(u64::from)).collect()),
        seconds: trials.iter().map(|trial| trial.seconds).sum(),
    }
}

/// The median of some numbers, and what 95 % of them do not exceed.
fn median_and_most(mut numbers: Vec<u64>) -> Option<(u64, u64)> {
    numbers.sort_unstable();
    let last = numbers.len().checked_sub(1)?;
    Some((numbers[last / 2], numbers[last * 95 / 100]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Schedule;
    use crate::platform::PLATFORM_DEFECTS;

    fn trial(defect: &Defect, strategy: Strategy, campaign: u64, runs: Option<u64>) -> Trial {
        Trial {
            defect: defect.id.to_owned(),
            strategy: strategy.to_string(),
            campaign,
            worlds: "1f".to_owned(),
            cap: 1_000,
            runs,
            property: runs
                .map(|runs| if runs == 7 { "checkpoint-behind" } else { "erased" }.to_owned()),
            deviations: runs.map(|runs| (runs, 2)),
            replays: runs.map(|_| 30),
            form: None,
            seconds: 0.5,
        }
    }

    #[test]
    fn a_board_counts_what_half_of_the_campaigns_find() {
        let first = PLATFORM_DEFECTS.iter().position(|defect| defect.id == "poll-skips-gap");
        let defects = PLATFORM_DEFECTS.iter().copied().skip(first.expect("it is listed"));
        let defects: Vec<_> = defects.take(2).collect();
        let mixture = Strategy::MIXTURE;
        let pos = Strategy::Fuzz(Schedule::Pos);
        let trials = vec![
            trial(defects[0], mixture, 0, Some(70)),
            trial(defects[0], mixture, 1, Some(7)),
            trial(defects[0], mixture, 2, None),
            trial(defects[0], pos, 0, Some(20)),
            trial(defects[0], Strategy::Enumerate, 0, Some(900)),
            trial(defects[1], mixture, 0, None),
        ];
        let board = Board { defects, strategies: Strategy::all(), trials };
        let rows = board.rows();
        assert_eq!(rows.len(), 4);
        assert_eq!((rows[0].campaigns, rows[0].runs.median, rows[0].named), ((3, 2), Some(70), 1));
        assert_eq!(rows[3].runs.median, None);
        let summary = board.summary();
        let within = [(10, 0), (100, 1), (1_000, 1)];
        assert_eq!(summary.within, within);
        assert_eq!((summary.defects, summary.enumerated, summary.named), (2, Some(1), (4, 1)));
        assert_eq!((summary.shrunk, summary.replays), (Some((2, 2)), Some((30, 30))));
        let worst = (board.defects[0].id, 35);
        assert_eq!(summary.worst, Some(worst), "70 runs, and 20 of its best member");
    }

    #[test]
    fn frequent_forms_are_counted_for_each_defect_with_enough_failures() {
        let defects: Vec<_> = PLATFORM_DEFECTS.iter().copied().take(2).collect();
        let shrunk = |defect: usize, campaign: u64, form: &str| {
            let trial = trial(defects[defect], Strategy::MIXTURE, campaign, Some(7));
            Trial { form: Some(form.to_owned()), ..trial }
        };
        let forms = ["Lost at Ack", "", "Lost at Ack", "Crash at Apply", "Crash at Tick", ""];
        let first = (0..).zip(forms).map(|(campaign, form)| shrunk(0, campaign, form));
        let second = (0..3).map(|campaign| shrunk(1, campaign, "Lost at Ack"));
        let trials = first.chain(second).collect();
        let board = Board { defects: defects.clone(), strategies: Strategy::all(), trials };
        assert_eq!(
            board.summary().forms,
            (6, 5),
            "of the first: two, two and one; the second has three"
        );
    }
}
