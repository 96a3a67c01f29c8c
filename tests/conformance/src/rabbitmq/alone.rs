//! Rows of RabbitMQ alone.

use std::thread;
use std::time::Duration;

use lapin::options::BasicAckOptions;
use lapin::types::AMQPValue;

use super::Link;
use super::link::number;
use crate::suite::{Outcome, Row, rows, same};

const QUIET: Duration = Duration::from_secs(1);

/// The rows, each on a connection of its own.
pub const ROWS: &[Row<Link>] = rows! {
    "mq-single-active-consumer" => single_active_consumer,
    "mq-ttl" => ttl,
};

fn single_active_consumer(link: &mut Link) -> Outcome {
    let queue = format!("jetlag-single-{}", std::process::id());
    let is_single = ("x-single-active-consumer", AMQPValue::Boolean(true));
    link.declare(&queue, &[("x-queue-type", AMQPValue::LongString("quorum".into())), is_single]);
    let (first_channel, mut first) = link.consume(&queue, 10);
    let (_second_channel, mut second) = link.consume(&queue, 10);
    for message in 1..=3 {
        link.publish("", &queue, message, true, None);
    }
    let got = link.received(&mut first, QUIET);
    same!(got.len(), 3, "messages of the active consumer");
    same!(link.received(&mut second, QUIET).len(), 0, "messages of the one that waits");
    let acked = link.wait(got[0].acker.ack(BasicAckOptions::default()));
    acked.map_err(|error| error.to_string())?;
    link.wait(first_channel.close(200, "".into())).map_err(|error| error.to_string())?;
    let rest = link.received(&mut second, QUIET);
    let rest: Vec<_> = rest.iter().map(|it| (number(&it.data), it.redelivered)).collect();
    same!(rest, [(2, true), (3, true)], "messages of the one that takes over");
    link.remove(&[&queue], "");
    Ok(())
}

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
