//! The broker: confirms, deliveries, returns.

pub use jetlag::internals::nodes::{Confirmed, Delivery};

use super::{Outcome, Row, holds, rows, same};

/// How often a message is delivered at most.
pub const DELIVERIES_MAX: u32 = 3;

/// A queue with one consumer, and its dead letters. Messages whose numbers have the same hundreds belong to one stream.
pub trait Broker {
    /// Makes it a broker that has no delivery limit. To be called before anything else.
    fn without_limit(&mut self);
    /// Publishes a message to the queue, as mandatory, and waits for the confirm.
    fn publish(&mut self, message: u64) -> Confirmed;
    /// Publishes a message that no queue takes, as optional.
    fn publish_unroutable(&mut self, message: u64) -> Confirmed;
    /// Publishes a message, as mandatory, while the queue is not bound.
    fn publish_unbound(&mut self, message: u64) -> Confirmed;
    /// Publishes a message to the queue; its confirm is lost with the connection.
    fn publish_unconfirmed(&mut self, message: u64) -> Confirmed;
    /// Connects the consumer, on a channel of its own.
    fn subscribe(&mut self, prefetch: u32);
    /// What the consumer has got since the last time that this was asked.
    fn deliveries(&mut self) -> Vec<Delivery>;
    /// Acknowledges a delivery. One of a channel that is closed has no effect.
    fn ack(&mut self, tag: u64);
    /// Rejects a delivery, which is to be delivered again.
    fn requeue(&mut self, tag: u64);
    /// Closes the channel of the consumer.
    fn close(&mut self);
    /// Publishes a message, and then cancels the consumer of the queue. Returns whether that one is told. What becomes
    /// of the message is not asked.
    fn cancel_consumer(&mut self, message: u64) -> bool;
    /// The dead letters.
    fn dead_letters(&mut self) -> Vec<u64>;
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Broker>] = rows! {
    "mq-confirm" => confirm,
    "mq-unroutable-mandatory" => unroutable_mandatory,
    "mq-unroutable" => unroutable,
    "mq-confirm-lost" => confirm_lost,
    "mq-order" => order,
    "mq-prefetch" => prefetch,
    "mq-requeue-order" => requeue_order,
    "mq-redelivered" => redelivered,
    "mq-closed-requeues" => closed_requeues,
    "mq-late-ack" => late_ack,
    "mq-delivery-limit" => delivery_limit,
    "mq-dead-letter" => dead_letter,
    "mq-no-delivery-limit" => no_delivery_limit,
    "mq-cancelled" => cancelled,
};

const NOTHING: [u64; 0] = [];

const KEPT: Confirmed = Confirmed { confirmed: true, returned: false };

fn publish(broker: &mut dyn Broker, messages: &[u64]) -> Outcome {
    for message in messages {
        same!(broker.publish(*message), KEPT, "message {message}");
    }
    Ok(())
}

fn messages(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.message).collect()
}

fn delivered(broker: &mut dyn Broker) -> Vec<u64> {
    messages(&broker.deliveries())
}

fn confirm(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 2])?;
    broker.subscribe(10);
    same!(delivered(broker), [1, 2], "what was confirmed is delivered");
    Ok(())
}

fn unroutable_mandatory(broker: &mut dyn Broker) -> Outcome {
    holds!(broker.publish_unbound(1).returned, "a mandatory message is not returned");
    broker.subscribe(10);
    same!(delivered(broker), NOTHING, "what was returned is not delivered");
    Ok(())
}

fn unroutable(broker: &mut dyn Broker) -> Outcome {
    same!(broker.publish_unroutable(1), KEPT, "an optional message that no queue takes");
    broker.subscribe(10);
    same!(delivered(broker), NOTHING, "it is delivered to nobody");
    Ok(())
}

fn confirm_lost(broker: &mut dyn Broker) -> Outcome {
    holds!(!broker.publish_unconfirmed(1).confirmed, "a confirm that is lost has come");
    publish(broker, &[1])?;
    broker.subscribe(10);
    let both = broker.deliveries();
    same!(messages(&both), [1, 1], "the message and its copy");
    holds!(both.iter().all(|it| !it.redelivered), "a copy is marked as redelivered");
    Ok(())
}

fn order(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 101, 2, 102, 3])?;
    broker.subscribe(10);
    same!(delivered(broker), [1, 101, 2, 102, 3], "the order of publication");
    Ok(())
}

fn prefetch(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 2, 3, 4])?;
    broker.subscribe(2);
    let first = broker.deliveries();
    same!(messages(&first), [1, 2], "as many as the prefetch");
    same!(delivered(broker), NOTHING, "no more until one is acknowledged");
    broker.ack(first[1].tag);
    same!(delivered(broker), [3], "one more after an acknowledgement");
    Ok(())
}

fn requeue_order(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 101, 201])?;
    broker.subscribe(1);
    let first = broker.deliveries();
    same!(messages(&first), [1], "the head of the queue");
    broker.requeue(first[0].tag);
    // Whether it comes at once or after a rest, others may be delivered meanwhile; nothing is lost.
    let mut seen = Vec::new();
    while let Some(delivery) = broker.deliveries().first().copied() {
        seen.push(delivery.message);
        broker.ack(delivery.tag);
    }
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    same!(sorted, [1, 101, 201], "each once");
    // Without a rest a returned message is ahead of those that were behind it.
    publish(broker, &[2, 102, 202])?;
    let held = broker.deliveries();
    same!(messages(&held), [2], "the head of the queue");
    broker.close();
    broker.subscribe(10);
    same!(delivered(broker), [2, 102, 202], "the returned one is at its position");
    Ok(())
}

fn redelivered(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 101])?;
    broker.subscribe(1);
    let first = broker.deliveries();
    same!((first[0].message, first[0].redelivered), (1, false), "the first delivery");
    broker.close();
    broker.subscribe(10);
    let again = broker.deliveries();
    let flags: Vec<_> = again.iter().map(|it| (it.message, it.redelivered)).collect();
    same!(flags, [(1, true), (101, false)], "flags after the channel was closed");
    Ok(())
}

fn closed_requeues(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 101, 2, 102])?;
    broker.subscribe(3);
    let held = broker.deliveries();
    same!(messages(&held), [1, 101, 2], "what the consumer holds");
    broker.ack(held[1].tag);
    broker.close();
    same!(delivered(broker), NOTHING, "a closed channel gets nothing");
    broker.subscribe(10);
    same!(delivered(broker), [1, 2, 102], "all that was not acknowledged, in order");
    Ok(())
}

fn late_ack(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1])?;
    broker.subscribe(10);
    let held = broker.deliveries();
    broker.close();
    broker.ack(held[0].tag);
    broker.subscribe(10);
    same!(delivered(broker), [1], "an acknowledgement that came too late");
    Ok(())
}

/// Rejects a message each time, and acknowledges all others. Returns how often it was delivered.
fn fail_always(broker: &mut dyn Broker, message: u64) -> (u32, Vec<u64>) {
    let (mut times, mut others) = (0, Vec::new());
    loop {
        let deliveries = broker.deliveries();
        if deliveries.is_empty() || times > 2 * DELIVERIES_MAX {
            return (times, others);
        }
        for delivery in deliveries {
            if delivery.message == message {
                times += 1;
                broker.requeue(delivery.tag);
            } else {
                others.push(delivery.message);
                broker.ack(delivery.tag);
            }
        }
    }
}

fn delivery_limit(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1])?;
    broker.subscribe(1);
    let (times, _) = fail_always(broker, 1);
    same!(times, DELIVERIES_MAX, "deliveries of a message that fails each time");
    // A consumer that is lost each time counts as well.
    publish(broker, &[101])?;
    let mut times = 0;
    while !broker.deliveries().is_empty() && times < 2 * DELIVERIES_MAX {
        times += 1;
        broker.close();
        broker.subscribe(1);
    }
    same!(times, DELIVERIES_MAX, "deliveries of a message whose consumer is lost each time");
    Ok(())
}

fn dead_letter(broker: &mut dyn Broker) -> Outcome {
    publish(broker, &[1, 101, 201])?;
    broker.subscribe(1);
    let (_, others) = fail_always(broker, 1);
    same!(others, [101, 201], "messages of other streams go on");
    same!(broker.dead_letters(), [1], "the dead letters");
    Ok(())
}

fn no_delivery_limit(broker: &mut dyn Broker) -> Outcome {
    broker.without_limit();
    publish(broker, &[1, 101, 201])?;
    broker.subscribe(1);
    // It is rejected once more than a limit would allow, and others are acknowledged.
    let mut seen = Vec::new();
    while seen.len() < 3 + 2 * DELIVERIES_MAX as usize
        && let Some(delivery) = broker.deliveries().first().copied()
    {
        seen.push(delivery.message);
        match delivery.message {
            1 => broker.requeue(delivery.tag),
            _ => broker.ack(delivery.tag),
        }
    }
    let mut expected = vec![1, 101, 201];
    expected.resize(3 + 2 * DELIVERIES_MAX as usize, 1);
    same!(seen, expected, "a message that fails goes to the end of the queue, again and again");
    same!(broker.dead_letters(), NOTHING, "the dead letters");
    Ok(())
}

fn cancelled(broker: &mut dyn Broker) -> Outcome {
    // The queue of that row is one of RabbitMQ 3, whose consumers can be cancelled.
    broker.without_limit();
    broker.subscribe(10);
    publish(broker, &[1])?;
    let first = broker.deliveries();
    same!(messages(&first), [1], "a message before");
    broker.ack(first[0].tag);
    holds!(broker.cancel_consumer(101), "the consumer is not told that it is cancelled");
    publish(broker, &[2])?;
    same!(delivered(broker), NOTHING, "a consumer that was cancelled gets nothing");
    broker.subscribe(10);
    let again = delivered(broker);
    holds!(again.contains(&2), "one that subscribes again gets what came meanwhile: {again:?}");
    Ok(())
}
