//! One campaign out of the results of its shards.
//!
//! Results can be added in any order, and more than once: the sum is the same.

use std::collections::BTreeMap;

use thiserror::Error;

use super::blocks::blocks;
use super::{Blocks, Campaign, Ended, Shard, State};

/// The results of shards, one after the other. Only their sum is kept, whatever their number.
#[derive(Debug, Default)]
pub struct Merge {
    sum: Option<State>,
    /// The numbers of the blocks that are done; sorted at the end only, because shards take turns with blocks.
    done: Vec<u64>,
    /// The shards that were added.
    shards: BTreeMap<Shard, Added>,
}

/// What is kept of the result of one shard.
#[derive(Debug)]
struct Added {
    name: String,
    /// The number of runs and the digest: equal results have equal ones.
    made: (u64, u64),
    is_whole: bool,
    copies: Vec<String>,
}

/// A campaign that was put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The campaign, as far as its shards have come.
    pub state: State,
    /// The shards without a result.
    pub missing: Vec<Shard>,
    /// The shards that have not made all of their runs.
    pub unfinished: Vec<Shard>,
    /// The results that are copies of another one of their shard, and count once.
    pub copies: Vec<(Shard, String)>,
}

/// Why a result cannot be added. Nothing of it was added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// It is not the result of the same campaign.
    #[error("{name} and {first} are not of the same campaign: {difference}")]
    OtherCampaign {
        /// The result.
        name: String,
        /// The first result that was added.
        first: String,
        /// How they differ.
        difference: String,
    },
    /// There is another result of its shard, with other runs.
    #[error("{name} and {other} are different results of shard {shard}")]
    OtherResult {
        /// The result.
        name: String,
        /// The other one.
        other: String,
        /// The shard of both.
        shard: Shard,
    },
    /// It contains runs of another shard.
    #[error("{name} is damaged: block {block} is not one of shard {shard}")]
    Damaged {
        /// The result.
        name: String,
        /// A block that is not one of the shard's.
        block: u64,
        /// The shard.
        shard: Shard,
    },
}

impl Merge {
    /// Adds the result of a shard. `name` is used in messages.
    ///
    /// # Errors
    ///
    /// When it is not a result of the same campaign, or contradicts another one of its shard.
    pub fn add(&mut self, name: &str, state: State) -> Result<(), MergeError> {
        let (name, shard) = (name.to_owned(), state.shard);
        if let (Some(sum), Some(first)) = (&self.sum, self.shards.values().next())
            && let Some(difference) = difference(&state, sum)
        {
            return Err(MergeError::OtherCampaign { name, first: first.name.clone(), difference });
        }
        let numbers = || state.done.iter().chain(state.parts.iter().map(|part| part.block));
        if let Some(block) = numbers().find(|block| !shard.has(*block)) {
            return Err(MergeError::Damaged { name, block, shard });
        }
        let made = state.made();
        if let Some(added) = self.shards.get_mut(&shard) {
            if added.made != made {
                return Err(MergeError::OtherResult { name, other: added.name.clone(), shard });
            }
            added.copies.push(name);
            return Ok(());
        }
        let is_whole = state.is_whole();
        self.shards.insert(shard, Added { name, made, is_whole, copies: Vec::new() });
        self.done.extend(state.done.iter());
        match &mut self.sum {
            None => {
                self.sum = Some(State { old: BTreeMap::new(), done: Blocks::default(), ..state })
            }
            Some(sum) => {
                sum.tally.merge(&state.tally);
                sum.parts.extend(state.parts);
            }
        }
        Ok(())
    }

    /// The campaign; `None` without results.
    pub fn end(mut self) -> Option<Merged> {
        let mut state = self.sum?;
        let count = state.shard.count();
        state.shard = Shard::WHOLE;
        self.done.sort_unstable();
        state.done = Blocks::of_sorted(self.done);
        state.parts.sort_unstable_by_key(|part| part.block);
        let all = (0..count).filter_map(|index| Shard::new(index, count));
        let missing = all.filter(|shard| !self.shards.contains_key(shard)).collect();
        let unfinished = self.shards.iter().filter(|(_, added)| !added.is_whole);
        let unfinished = unfinished.map(|(shard, _)| *shard).collect();
        let copies = self.shards.into_iter().flat_map(|(shard, mut added)| {
            added.copies.sort_unstable();
            added.copies.into_iter().map(move |name| (shard, name))
        });
        let copies = copies.collect();
        Some(Merged { state, missing, unfinished, copies })
    }
}

impl Merged {
    /// Whether every run of the campaign was made.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.unfinished.is_empty()
    }

    /// The outcome, as that of one process that made the same runs.
    pub fn campaign(&self, command: &'static str) -> Campaign {
        let ended = match self.state.asked {
            _ if !self.is_whole() => Ended::Interrupted,
            Some(_) => Ended::Done,
            None => Ended::TimeUp,
        };
        Campaign::of(self.state.clone(), command, ended)
    }
}

impl State {
    /// Whether every run of the shard was made. A campaign without a number of runs ends at any time.
    fn is_whole(&self) -> bool {
        let all = |asked| {
            blocks(self.shard, asked, self.id.block).all(|block| self.has(block.number, block.runs))
        };
        self.asked.is_none_or(all)
    }
}

/// How two results differ that cannot be of the same campaign.
fn difference(new: &State, first: &State) -> Option<String> {
    let (a, b) = (&new.id, &first.id);
    let says = |what: &str, a: &dyn ToString, b: &dyn ToString| {
        (a.to_string() != b.to_string())
            .then(|| format!("{what} {}, and {what} {}", a.to_string(), b.to_string()))
    };
    let runs = |state: &State| {
        state.asked.map_or_else(|| "until a time".to_owned(), |runs| runs.to_string())
    };
    let file = || a.files.iter().zip(&b.files).find(|(a, b)| a != b);
    says("version", &a.version, &b.version)
        .or_else(|| says("seed", &a.seed, &b.seed))
        .or_else(|| says("policy", &a.policy, &b.policy))
        .or_else(|| says("block", &a.block, &b.block))
        .or_else(|| says("number of files", &a.files.len(), &b.files.len()))
        .or_else(|| {
            file().map(|(a, b)| {
                format!("file {} ({:06x}), and {} ({:06x})", a.path, a.hash, b.path, b.hash)
            })
        })
        .or_else(|| says("runs", &runs(new), &runs(first)))
        .or_else(|| says("number of shards", &new.shard.count(), &first.shard.count()))
        .or_else(|| says("build", &new.build, &first.build))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::tests::{SETTINGS, mixed};
    use super::super::{Extent, Host, Plan, Settings, campaign};
    use super::*;
    use crate::session::Verdict;

    /// Keeps the states of a campaign.
    #[derive(Debug, Default)]
    struct States(Mutex<Vec<State>>);

    impl Host for States {
        fn finished(&self, state: &State) {
            self.0.lock().expect("no panic").push(state.clone());
        }
    }

    /// The states of one shard of a campaign of 150 runs in five blocks, from the beginning to the end.
    fn states(plan: &Plan<'_>, shard: Shard, runs: u64) -> Vec<State> {
        let host = States::default();
        campaign(plan, State::new(plan, "a"), Extent { shard, ..Extent::of_runs(runs) }, &host);
        host.0.into_inner().expect("no panic")
    }

    /// The result of one shard of `count`.
    fn result(plan: &Plan<'_>, index: u64, count: u64) -> State {
        let shard = Shard::new(index, count).expect("it is one of them");
        states(plan, shard, 150).pop().expect("a state at the beginning at least")
    }

    fn merged(results: &[State]) -> Result<Merged, MergeError> {
        let mut merge = Merge::default();
        for (nth, state) in results.iter().enumerate() {
            merge.add(&format!("result {nth}"), state.clone())?;
        }
        Ok(merge.end().expect("there are results"))
    }

    #[test]
    fn shards_in_any_order_and_more_than_once_are_what_one_process_makes() {
        mixed(SETTINGS, |plan| {
            let one = result(plan, 0, 1);
            // Of eight shards three have no block.
            for count in [1, 2, 4, 8] {
                let mut results: Vec<State> = (0..count).map(|n| result(plan, n, count)).collect();
                for _ in 0..count {
                    results.rotate_left(1);
                    let sum = merged(&results).expect("one campaign");
                    assert_eq!(sum.state.whole(), one.whole(), "{count} shards");
                    let rest = |state: &State| (state.done.clone(), state.shard, state.asked);
                    assert_eq!(rest(&sum.state), rest(&one), "{count} shards");
                    assert!(sum.is_whole() && sum.copies.is_empty());
                }
                let twice = merged(&[results.clone(), results].concat()).expect("one campaign");
                assert_eq!(twice.state.whole(), one.whole());
                assert_eq!(twice.copies.len() as u64, count);
            }
            let campaign = merged(&[one]).expect("one campaign").campaign("jetlag");
            assert!(matches!(campaign.ended, Ended::Done), "{:?}", campaign.ended);
            assert_eq!((campaign.verdict(), campaign.asked), (Verdict::Failed, Some(150)));
        });
    }

    #[test]
    fn shards_that_are_missing_or_unfinished_are_named() {
        mixed(SETTINGS, |plan| {
            let early = |index| states(plan, Shard::new(index, 4).expect("below"), 150).remove(1);
            let results = [early(0), result(plan, 1, 4), result(plan, 3, 4)];
            let sum = merged(&results).expect("one campaign");
            let names = |shards: &[Shard]| shards.iter().map(Shard::to_string).collect::<Vec<_>>();
            assert_eq!(
                (names(&sum.missing), names(&sum.unfinished)),
                (vec!["2/4".into()], vec!["0/4".into()])
            );
            let campaign = sum.campaign("jetlag");
            assert_eq!(campaign.tally.runs, 3 * 32, "blocks 0, 1 and 3");
            assert_eq!(
                (campaign.verdict(), campaign.found()),
                (Verdict::Interrupted, Verdict::Failed)
            );
        });
    }

    #[test]
    fn what_is_not_of_one_campaign_is_rejected() {
        let says = |a: State, b: State| merged(&[a, b]).expect_err("they differ").to_string();
        mixed(SETTINGS, |plan| {
            let (first, second) = (result(plan, 0, 2), result(plan, 1, 2));
            let of_three = says(first.clone(), result(plan, 1, 3));
            assert!(of_three.ends_with("number of shards 3, and number of shards 2"), "{of_three}");
            let longer = State { asked: Some(400), ..second.clone() };
            assert_eq!(
                says(first.clone(), longer),
                "result 1 and result 0 are not of the same campaign: runs 400, and runs 150"
            );
            let built = State { build: "b".to_owned(), ..second.clone() };
            assert!(says(first.clone(), built).ends_with("build b, and build a"));
            let mut changed = second.clone();
            changed.id.files[1].hash = 7;
            assert!(
                says(first.clone(), changed)
                    .contains("file unsound.ron (000007), and unsound.ron (")
            );

            let shorter = states(plan, second.shard, 150).remove(1);
            assert_eq!(
                says(second.clone(), shorter),
                "result 1 and result 0 are different results of shard 1/2"
            );
            let stolen = State { shard: second.shard, ..first.clone() };
            assert_eq!(says(first, stolen), "result 1 is damaged: block 0 is not one of shard 1/2");
            let other = Settings { seed: 8, ..SETTINGS };
            mixed(other, |plan| {
                assert!(says(second, result(plan, 0, 2)).ends_with("seed 8, and seed 7"))
            });
        });
        assert_eq!(Merge::default().end(), None);
    }
}
