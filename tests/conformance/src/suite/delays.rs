//! Messages that a broker delays, each for a time of its own.

use super::{Outcome, Row, rows, same};

/// A queue in which messages wait until their time is over, and which they leave in order.
pub trait Delays {
    /// Sends a message that is to arrive after so many milliseconds.
    fn send(&mut self, message: u32, ms: u64);
    /// What arrives within so many milliseconds, in order.
    fn arrivals(&mut self, ms: u64) -> Vec<u32>;
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Delays>] = rows! { "mq-delay-in-order" => in_order };

const NOTHING: [u32; 0] = [];

fn in_order(delays: &mut dyn Delays) -> Outcome {
    delays.send(1, 3000);
    delays.send(2, 100);
    same!(delays.arrivals(1000), NOTHING, "what is due and behind a message that is not");
    same!(delays.arrivals(5000), [1, 2], "both, when the first is due");
    delays.send(3, 100);
    same!(delays.arrivals(5000), [3], "a message with nothing before it");
    Ok(())
}
