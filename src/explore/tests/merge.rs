//! Results of shards, put together.

use std::sync::Mutex;

use super::{SETTINGS, mixed};
use crate::explore::{
    Ended, Extent, Host, Merge, MergeError, Merged, Plan, Settings, Shard, State, campaign,
};
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
        assert_eq!((campaign.verdict(), campaign.found()), (Verdict::Interrupted, Verdict::Failed));
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
            says(first.clone(), changed).contains("file unsound.ron (000007), and unsound.ron (")
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
