//! The sorted map does what `BTreeMap` does.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::Bound;

use proptest::prelude::*;
use rustc_hash::FxHasher;

use super::SortedMap;
use super::sorted_map::vector_max;

/// One step of a comparison with a tree.
#[derive(Clone, Copy, Debug)]
enum Step {
    Insert(u8, u16),
    Remove(u8),
    Add(u8, u16),
    RemoveFirst,
    RemoveRange(u8, u8),
    RetainBelow(u16),
    Double(u8, u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Step::Insert(key, value)),
        2 => any::<u8>().prop_map(Step::Remove),
        2 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Step::Add(key, value)),
        1 => Just(Step::RemoveFirst),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(from, until)| Step::RemoveRange(from, until)),
        1 => any::<u16>().prop_map(Step::RetainBelow),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(from, until)| Step::Double(from, until)),
    ]
}

/// Takes the same steps with a map of `filled` entries, as many as fit, and with a tree.
fn compare(filled: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    // Keys beyond those of the steps.
    let filling = (0..filled).map(|nth| (256 + nth as u16, 0));
    let mut sorted: SortedMap<u16, u16> = filling.clone().collect();
    let mut tree: BTreeMap<u16, u16> = filling.collect();
    for step in steps {
        match step {
            Step::Insert(key, value) => {
                prop_assert_eq!(sorted.insert(key.into(), value), tree.insert(key.into(), value));
            }
            Step::Remove(key) => {
                prop_assert_eq!(sorted.remove(&key.into()), tree.remove(&key.into()));
            }
            Step::Add(key, value) => {
                let sum = sorted.entry(key.into()).or_default();
                *sum = u16::wrapping_add(*sum, value);
                let sum = tree.entry(key.into()).or_default();
                *sum = u16::wrapping_add(*sum, value);
            }
            Step::RemoveFirst => {
                let first = sorted.len().min(1);
                prop_assert_eq!(sorted.remove_first(first).next(), tree.pop_first());
            }
            Step::RemoveRange(from, until) => {
                let (from, until) = (u16::from(from), u16::from(until));
                let removed: Vec<_> = sorted.remove_range(from..until).collect();
                let expected: Vec<_> =
                    tree.extract_if(from..until.max(from), |_, _| true).collect();
                prop_assert_eq!(removed, expected);
            }
            Step::RetainBelow(bound) => {
                sorted.extract_if(|_, value| *value >= bound).for_each(drop);
                tree.retain(|_, value| *value < bound);
            }
            Step::Double(from, until) => {
                let (from, until) = (u16::from(from), u16::from(until));
                for (_, value) in sorted.range_mut(from..=until) {
                    *value = value.wrapping_mul(2);
                }
                for (_, value) in
                    tree.range_mut(from..=until.max(from)).take_while(|_| from <= until)
                {
                    *value = value.wrapping_mul(2);
                }
                let excluded = (Bound::Excluded(from), Bound::Excluded(until));
                let inner = tree.iter().filter(|(key, _)| from < **key && **key < until);
                prop_assert!(sorted.range(excluded).eq(inner));
            }
        }
        prop_assert!(sorted.iter().eq(tree.iter()));
        prop_assert!(sorted.iter().rev().eq(tree.iter().rev()));
        prop_assert_eq!(sorted.first_key_value(), tree.first_key_value());
        prop_assert_eq!(sorted.len(), tree.len());
        prop_assert!((0..=256).all(|key| sorted.get(&key) == tree.get(&key)));
    }
    let copy: SortedMap<u16, u16> = tree.into_iter().collect();
    prop_assert_eq!(&sorted, &copy);
    prop_assert_eq!(hashed(&sorted), hashed(&copy));
    prop_assert!(sorted.into_iter().eq(copy));
    Ok(())
}

fn hashed(map: &SortedMap<u16, u16>) -> u64 {
    let mut hasher = FxHasher::default();
    map.hash(&mut hasher);
    hasher.finish()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..60)
}

proptest! {
    #[test]
    fn a_small_sorted_map_is_a_map(steps in steps()) {
        compare(0, steps)?;
    }
}

proptest! {
    // Each step compares all entries.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_sorted_map_that_grows_large_is_a_map(below in 0..30_usize, steps in steps()) {
        compare(vector_max::<u16, u16>() - below, steps)?;
    }

    #[test]
    fn a_large_sorted_map_is_a_map(steps in steps()) {
        compare(2 * vector_max::<u16, u16>(), steps)?;
    }
}

#[test]
fn prints_like_a_tree() {
    let sorted: SortedMap<u8, &str> = [(2, "b"), (1, "a")].into_iter().collect();
    assert_eq!(format!("{sorted:?}"), r#"{1: "a", 2: "b"}"#);
}

#[test]
fn large_entries_make_a_tree_of_few() {
    assert_eq!(vector_max::<u16, u16>(), 512);
    assert_eq!(vector_max::<u64, [u64; 15]>(), 64);
    assert_eq!(vector_max::<u64, [u64; 4_000]>(), 8, "few are searched one by one in any case");
    assert_eq!(vector_max::<(), ()>(), 512);
}
