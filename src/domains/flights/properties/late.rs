//! `no-late-release`: a hold that has ended is given back, with us and at the vendors.
//!
//! A vendor lets an unpaid order lapse some minutes after our own hold has ended. An order that nothing
//! cancels is therefore gone in the end, and no count shows that its seat could not be sold for so long.
//! What shows it is that the vendor was not called again once the booking was over.

use crate::check::{Property, When};
use crate::collections::SortedMap;
use crate::domains::flights::ids::{LegRef, Locator};
use crate::domains::flights::vendors::VendorRequest;
use crate::kernel::Step;

/// A hold that has ended is given back.
pub static NO_LATE_RELEASE: Property = Property {
    id: "no-late-release",
    when: When::AtRest,
    says: "no booking is held after its hold has run out, and no order that can be known and whose \
           booking is over is left to lapse at its vendor without a call, unless the case was handed \
           to an operator",
};

/// What the vendors were asked about each leg, and what they let lapse.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    legs: SortedMap<LegRef, Leg>,
    lapsed: Vec<(LegRef, Locator)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Leg {
    /// The last call about it.
    last: Step,
    /// Whether it was to be undone.
    undone: bool,
}

impl Calls {
    pub(super) fn called(&mut self, request: &VendorRequest, at: Step) {
        let Some(reference) = request.reference() else { return };
        let leg = self.legs.entry(reference).or_default();
        leg.last = at;
        leg.undone |=
            matches!(request, VendorRequest::Cancel { .. } | VendorRequest::Refund { .. });
    }

    /// An order of a booking that is over lapsed at its vendor.
    pub(super) fn lapsed(&mut self, reference: LegRef, locator: Locator) {
        self.lapsed.push((reference, locator));
    }

    /// The orders that lapsed after their bookings were over.
    pub(super) fn left_to_lapse(&self) -> impl Iterator<Item = (LegRef, Locator)> + '_ {
        self.lapsed.iter().copied()
    }

    /// Whether a leg was to be undone, or was asked about after its booking was over.
    pub(super) fn is_undone(&self, reference: LegRef, over: Step) -> bool {
        self.legs.get(&reference).is_some_and(|leg| leg.undone || leg.last > over)
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::History;

    fn late(story: &History) -> bool {
        story.at_rest().contains(&"no-late-release")
    }

    #[test]
    fn a_hold_lasts_until_it_runs_out() {
        let mut story = History::new();
        story.held();
        assert!(!late(&story));
        story.waits(1);
        assert!(late(&story), "nothing has ended it");
        let mut expired = story.clone();
        expired.expired();
        assert!(!late(&expired));
        story.handed_over();
        assert!(!late(&story));
    }

    #[test]
    fn a_hold_that_runs_out_later_may_stay() {
        let mut story = History::new();
        story.held_for_ever();
        story.waits(1);
        assert!(!late(&story));
    }

    #[test]
    fn an_order_that_is_left_to_lapse_is_rejected() {
        let mut story = History::new();
        story.held();
        story.expired();
        story.lapses_at_first_vendor();
        assert!(late(&story), "nobody called the vendor");
        story.calls_first_vendor();
        assert!(!late(&story));
    }

    #[test]
    fn an_order_that_lapses_before_its_booking_is_over_is_accepted() {
        let mut story = History::new();
        story.held();
        story.lapses_at_first_vendor();
        story.expired();
        assert!(!late(&story));
    }
}
