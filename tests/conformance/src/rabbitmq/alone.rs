//! Rows of RabbitMQ alone.

use std::thread;
use std::time::Duration;

use super::Link;
use crate::suite::{Outcome, Row, rows, same};

/// The rows, each on a connection of its own.
pub const ROWS: &[Row<Link>] = rows! { "mq-ttl" => ttl };

fn ttl(link: &mut Link) -> Outcome {
    let queue = format!("jetlag-ttl-{}", std::process::id());
    link.declare(&queue, &[]);
    link.publish("", &queue, 1, true, None);
    link.publish("", &queue, 2, true, Some(50));
    thread::sleep(Duration::from_millis(200));
    same!(link.ready(&queue), 2, "an expired message behind one that lives is still there");
    same!(link.get(&queue), Some(1), "the message that lives");
    same!(link.get(&queue), None, "the message that has expired");
    link.remove(&[&queue], "");
    Ok(())
}
