//! Several consumers of one queue, of which one is active.

use super::{Outcome, Row, rows, same};

/// A queue that hands its messages to one consumer at a time.
pub trait Consumers {
    /// Publishes a message to the queue.
    fn publish(&mut self, message: u64);
    /// Connects a consumer.
    fn subscribe_as(&mut self, nth: usize, prefetch: u32);
    /// What a consumer has got since the last time that this was asked: messages and tags.
    fn got_by(&mut self, nth: usize) -> Vec<(u64, u64)>;
    /// A consumer acknowledges a delivery.
    fn ack_as(&mut self, nth: usize, tag: u64);
    /// The connection of a consumer is lost.
    fn lose(&mut self, nth: usize);
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Consumers>] = rows! { "mq-single-active-consumer" => single_active };

const NOTHING: [u64; 0] = [];

fn messages(queue: &mut dyn Consumers, nth: usize) -> Vec<u64> {
    queue.got_by(nth).iter().map(|(message, _)| *message).collect()
}

fn single_active(queue: &mut dyn Consumers) -> Outcome {
    queue.subscribe_as(0, 10);
    queue.subscribe_as(1, 10);
    for message in 1..=3 {
        queue.publish(message);
    }
    let got = queue.got_by(0);
    let active: Vec<_> = got.iter().map(|(message, _)| *message).collect();
    same!(active, [1, 2, 3], "messages of the active consumer");
    same!(messages(queue, 1), NOTHING, "messages of the one that waits");
    queue.ack_as(0, got[0].1);
    queue.lose(0);
    same!(messages(queue, 1), [2, 3], "messages of the one that takes over");
    queue.publish(4);
    same!(messages(queue, 1), [4], "what comes after that");
    Ok(())
}
