//! Simpler forms of a fault: smaller, and earlier.

use super::element::Element;
use crate::kernel::ChoiceKey;
use crate::session::Lexicon;

/// How many earlier opportunities are tried for a fault.
const EARLIER_MAX: u32 = 8;

/// A fault with its other sizes, the smallest first.
pub(super) fn others(lexicon: &dyn Lexicon, fault: Element) -> Vec<(Element, u64)> {
    let Element::Fault(key, value) = fault else { return Vec::new() };
    let kind = lexicon.all_faults().into_iter().find(|kind| kind.site == key.site);
    let sizes = kind.map_or(&[][..], |kind| kind.sizes);
    let mut sizes: Vec<u64> = sizes.iter().copied().filter(|size| *size != value).collect();
    sizes.sort_unstable();
    sizes.into_iter().map(|size| (Element::Fault(key, size), size)).collect()
}

/// A fault with smaller sizes, the smallest first.
pub(super) fn smaller(lexicon: &dyn Lexicon, fault: Element) -> Vec<Element> {
    let Element::Fault(_, value) = fault else { return Vec::new() };
    let others = others(lexicon, fault).into_iter();
    others.filter(|(_, size)| *size < value).map(|(other, _)| other).collect()
}

/// A fault at earlier opportunities of the same kind, the earliest first.
pub(super) fn earlier(fault: Element) -> Vec<Element> {
    let Element::Fault(key, value) = fault else { return Vec::new() };
    let before = 0..key.nth.min(EARLIER_MAX);
    before.map(|nth| Element::Fault(ChoiceKey { nth, ..key }, value)).collect()
}
