//! The sorted map does what `BTreeMap` does.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::SortedMap;

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

proptest! {
    #[test]
    fn a_sorted_map_is_a_map(steps in prop::collection::vec(step(), 0..60)) {
        let mut sorted = SortedMap::new();
        let mut tree = BTreeMap::new();
        for step in steps {
            match step {
                Step::Insert(key, value) => {
                    prop_assert_eq!(sorted.insert(key, value), tree.insert(key, value));
                }
                Step::Remove(key) => prop_assert_eq!(sorted.remove(&key), tree.remove(&key)),
                Step::Add(key, value) => {
                    let sum = sorted.entry(key).or_default();
                    *sum = u16::wrapping_add(*sum, value);
                    let sum = tree.entry(key).or_default();
                    *sum = u16::wrapping_add(*sum, value);
                }
                Step::RemoveFirst => {
                    let first = sorted.len().min(1);
                    prop_assert_eq!(sorted.remove_first(first).next(), tree.pop_first());
                }
                Step::RemoveRange(from, until) => {
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
                    let until = until.max(from);
                    for (_, value) in sorted.range_mut(from..=until) {
                        *value = value.wrapping_mul(2);
                    }
                    for (_, value) in tree.range_mut(from..=until) {
                        *value = value.wrapping_mul(2);
                    }
                }
            }
            prop_assert!(sorted.iter().eq(tree.iter()));
            prop_assert_eq!(sorted.len(), tree.len());
            prop_assert!((0..=u8::MAX).all(|key| sorted.get(&key) == tree.get(&key)));
        }
    }
}

#[test]
fn prints_like_a_tree() {
    let sorted: SortedMap<u8, &str> = [(2, "b"), (1, "a")].into_iter().collect();
    assert_eq!(format!("{sorted:?}"), r#"{1: "a", 2: "b"}"#);
}
