//! What the store removes when it is old: outcomes of commands, rows of the outbox that were sent, snapshots. Events are
//! kept for good.

use super::EventStore;
use crate::kernel::Cause;
use crate::model::{Domain, Expired, Fact};
use crate::platform::cx::Cx;
use crate::platform::defects::{OUTBOX_CLEANED_BY_AGE, RECORDS_CLEANED_TOGETHER};
use crate::platform::settings::RetentionSettings;

impl<D: Domain> EventStore<D> {
    /// Removes what is too old.
    pub(super) fn clean(&mut self, cx: &mut Cx<'_, '_, D>) {
        let RetentionSettings { commands, outbox, snapshots } = cx.settings().store.retention;
        let (now, durable) = (cx.now(), &mut self.durable);
        if let Some(keep) = commands {
            let together = cx.has(&RECORDS_CLEANED_TOGETHER);
            let records = durable.processed.clean(keep, now, together);
            if records > 0 {
                // It follows from the time, and from no request.
                cx.because(Cause::START, |cx| cx.fact(Fact::Cleaned { records }));
            }
        }
        if let Some(keep) = outbox {
            let unsent_too = cx.has(&OUTBOX_CLEANED_BY_AGE);
            let rows = durable.outbox.clean(keep, now, unsent_too);
            expired(Expired::OutboxRows, rows, cx);
        }
        if let Some(keep) = snapshots {
            while let Some((stream, version)) = durable.log.clean_snapshot(keep, now) {
                expired(Expired::Snapshot(stream, version), 1, cx);
            }
        }
    }
}

/// States what was removed, if anything was.
fn expired<D: Domain>(what: Expired, count: u32, cx: &mut Cx<'_, '_, D>) {
    if count > 0 {
        cx.because(Cause::START, |cx| cx.fact(Fact::Expired { what, count }));
    }
}
