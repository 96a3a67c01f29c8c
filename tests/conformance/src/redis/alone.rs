//! Rows of Redis alone.

use std::thread;
use std::time::Duration;

use redis::{Commands, Script};

use super::Pair;
use super::own::Own;
use crate::suite::{Outcome, Row, holds, rows, same};

/// The rows, each on an empty pair.
pub const ROWS: &[Row<Pair>] = rows! {
    "redis-wait" => wait,
    "redis-script-atomic" => script_atomic,
    "redis-script-no-rollback" => script_no_rollback,
    "redis-restart" => restart,
    "lock-expires" => lock_expires,
    "redis-row-begun-anew" => row_begun_anew,
    "redis-row-ttl" => row_ttl,
};

fn wait(pair: &mut Pair) -> Outcome {
    let text = |error: redis::RedisError| error.to_string();
    let _: () = pair.primary.set("a", 1).map_err(text)?;
    same!(pair.replicas(5000), 1, "replicas that have the first write");
    pair.cut_link();
    let _: () = pair.primary.set("b", 1).map_err(text)?;
    same!(pair.replicas(200), 0, "replicas that have the second write");
    let kept: Option<u32> = pair.primary.get("b").map_err(text)?;
    same!(kept, Some(1), "the write that WAIT did not count is not undone");
    pair.fail_over();
    let after: (Option<u32>, Option<u32>) =
        redis::cmd("MGET").arg("a").arg("b").query(&mut pair.primary).map_err(text)?;
    same!(after, (Some(1), None), "both writes after the failover");
    Ok(())
}

fn script_atomic(pair: &mut Pair) -> Outcome {
    let text = |error: redis::RedisError| error.to_string();
    // Each call reads and writes in a script; together they lose nothing.
    let script = "local n = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
        redis.call('SET', KEYS[1], n)
        return n";
    let address = pair.address();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let client = redis::Client::open(address.clone());
            std::thread::spawn(move || -> redis::RedisResult<()> {
                let mut connection = client?.get_connection()?;
                for _ in 0..500 {
                    Script::new(script).key("count").invoke::<u64>(&mut connection)?;
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().map_err(|_| "a worker has panicked".to_owned())?.map_err(text)?;
    }
    let count: u64 = pair.primary.get("count").map_err(text)?;
    same!(count, 2000, "increments by four clients");
    Ok(())
}

fn script_no_rollback(pair: &mut Pair) -> Outcome {
    let script =
        Script::new("redis.call('SET', KEYS[1], 'done'); return redis.call('NO SUCH COMMAND')");
    let result = script.key("half").invoke::<String>(&mut pair.primary);
    holds!(result.is_err(), "a script with an error succeeds");
    let kept: Option<String> = pair.primary.get("half").map_err(|error| error.to_string())?;
    same!(kept.as_deref(), Some("done"), "what the script did before its error");
    Ok(())
}

fn restart(_: &mut Pair) -> Outcome {
    let text = |error: redis::RedisError| error.to_string();
    let mut own = Own::start()?;
    let _: () = own.connection().map_err(text)?.set("a", 1).map_err(text)?;
    let kept: Option<u32> = own.connection().map_err(text)?.get("a").map_err(text)?;
    same!(kept, Some(1), "the value before the restart");
    own.restart()?;
    let kept: Option<u32> = own.connection().map_err(text)?.get("a").map_err(text)?;
    same!(kept, None, "the value after a restart without persistence");
    Ok(())
}

fn lock_expires(pair: &mut Pair) -> Outcome {
    let text = |error: redis::RedisError| error.to_string();
    let mut take = |token: u32, ms: u64| -> Result<bool, String> {
        let mut command = redis::cmd("SET");
        command.arg("lock").arg(token).arg("NX").arg("PX").arg(ms);
        let taken: Option<String> = command.query(&mut pair.primary).map_err(text)?;
        Ok(taken.is_some())
    };
    same!(take(1, 1000)?, true, "the first gets the lock");
    same!(take(2, 1000)?, false, "the second gets it while it is held");
    thread::sleep(Duration::from_millis(1500));
    same!(take(2, 60_000)?, true, "the second gets it after its time to live");
    // The first one does not know. Its release has no effect if it compares the token, and its late write is refused
    // if the resource compares the token, which only grows.
    let release = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
    let late: u32 =
        Script::new(release).key("lock").arg(1).invoke(&mut pair.primary).map_err(text)?;
    same!(late, 0, "locks that a late release frees");
    let write =
        "if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[1], ARGV[1])
        return 1";
    let script = Script::new(write);
    let mut write = |token: u32| -> Result<u32, String> {
        script.key("fence").arg(token).invoke(&mut pair.primary).map_err(text)
    };
    same!((write(2)?, write(1)?), (1, 0), "writes of the second and of the first, late");
    Ok(())
}

fn row_begun_anew(pair: &mut Pair) -> Outcome {
    let text = |error: redis::RedisError| error.to_string();
    let add = |pair: &mut Pair, amount: u32| -> Result<u32, String> {
        pair.primary.hincr("row", "total", amount).map_err(text)
    };
    same!((add(pair, 1)?, add(pair, 2)?), (1, 3), "the sums of a row that is held");
    pair.evict("row");
    same!(
        add(pair, 3)?,
        3,
        "the sum of a row that was evicted, in which the events before it are missing"
    );
    Ok(())
}

fn row_ttl(pair: &mut Pair) -> Outcome {
    let text = |error: redis::RedisError| error.to_string();
    let _: u32 = pair.primary.hincr("row", "total", 1).map_err(text)?;
    let _: bool = pair.primary.pexpire("row", 3000).map_err(text)?;
    thread::sleep(Duration::from_millis(200));
    let _: u32 = pair.primary.hincr("row", "total", 2).map_err(text)?;
    let left: i64 = pair.primary.pttl("row").map_err(text)?;
    holds!((1..=2800).contains(&left), "a change prolongs the time to live: {left} ms are left");
    thread::sleep(Duration::from_millis(3000));
    let kept: Option<u32> = pair.primary.hget("row", "total").map_err(text)?;
    same!(kept, None, "a row after its time to live, however new its last change is");
    Ok(())
}
