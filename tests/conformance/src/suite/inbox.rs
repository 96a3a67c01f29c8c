//! A view that recognises messages by their ids, which are removed for their age.

pub use jetlag::internals::nodes::Applied;

use super::{Outcome, Row, rows, same};

/// How long ids are kept, in milliseconds. A script must be done with what it does before in less.
pub const KEPT_MS: u64 = 3000;

/// A view of sums: the event of version n of a stream adds n to it.
pub trait Inbox {
    /// Delivers the event of this version.
    fn apply(&mut self, version: u32) -> Applied;
    /// The sum.
    fn total(&mut self) -> u32;
    /// Lets time pass, in milliseconds, and removes what is too old.
    fn pass(&mut self, ms: u64);
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Inbox>] = rows! { "inbox-kept" => kept };

fn kept(inbox: &mut dyn Inbox) -> Outcome {
    same!(inbox.apply(1), Applied::Applied, "the first event");
    same!(inbox.apply(3), Applied::Gap, "the third before the second");
    same!(inbox.apply(2), Applied::Applied, "the second");
    inbox.pass(0);
    same!(inbox.apply(1), Applied::Duplicate, "a message that comes again while its id is kept");
    same!(inbox.total(), 1 + 2, "the sum");
    inbox.pass(2 * KEPT_MS);
    same!(inbox.apply(1), Applied::Applied, "a message that comes again later");
    same!(inbox.apply(1), Applied::Duplicate, "the same, once more");
    same!(inbox.apply(3), Applied::Applied, "what follows the second, not what was applied last");
    same!(inbox.total(), 1 + 2 + 1 + 3, "the sum, in which the first event is twice");
    Ok(())
}
