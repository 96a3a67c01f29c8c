//! Rows of PostgreSQL alone: the platform does not rely on these.

use std::thread;
use std::time::Duration;

use postgres::error::SqlState;

use super::Database;
use super::own::Own;
use super::transaction::wait_until;
use crate::proxy::Proxy;
use crate::suite::{Outcome, Row, holds, rows, same};

/// The rows, each on a database of its own.
pub const ROWS: &[Row<Database>] = rows! {
    "pg-serializable" => serializable,
    "pg-deadlock" => deadlock,
    "pg-advisory-lock" => advisory_lock,
    "pg-notify-size" => notify_size,
    "pg-sequence-crash" => sequence_crash,
    "pg-replica-lags" => replica_lags,
};

/// The most values of a sequence that a crash burns.
const BURNT_MAX: i64 = 32;

fn serializable(database: &mut Database) -> Outcome {
    let on_call = "SELECT count(*) FROM jetlag.duty WHERE is_on";
    for (level, both_succeed) in [("REPEATABLE READ", true), ("SERIALIZABLE", false)] {
        let (mut a, mut b) = (database.connect(), database.connect());
        let error = |error: postgres::Error| error.to_string();
        a.batch_execute("UPDATE jetlag.duty SET is_on = true").map_err(error)?;
        for (client, doctor) in [(&mut a, "a"), (&mut b, "b")] {
            client.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}")).map_err(error)?;
            let count: i64 = client.query_one(on_call, &[]).map_err(error)?.get(0);
            same!(count, 2, "doctors on duty that each transaction sees");
            let leave = "UPDATE jetlag.duty SET is_on = false WHERE doctor = $1";
            client.execute(leave, &[&doctor]).map_err(error)?;
        }
        let first = a.batch_execute("COMMIT");
        let second = b.batch_execute("COMMIT");
        holds!(first.is_ok(), "{level}: the first to commit fails");
        same!(second.is_ok(), both_succeed, "{level}: the second to commit succeeds");
        if let Err(failed) = second {
            let code = failed.code().cloned();
            same!(code, Some(SqlState::T_R_SERIALIZATION_FAILURE), "{level}: the code");
        }
    }
    Ok(())
}

fn deadlock(database: &mut Database) -> Outcome {
    let (mut a, mut b) = (database.connect(), database.connect());
    let lock =
        |doctor: &str| format!("UPDATE jetlag.duty SET is_on = true WHERE doctor = '{doctor}'");
    a.batch_execute(&format!("BEGIN; {}", lock("a"))).map_err(|error| error.to_string())?;
    b.batch_execute(&format!("BEGIN; {}", lock("b"))).map_err(|error| error.to_string())?;
    let second = lock("b");
    let first = thread::spawn(move || a.batch_execute(&second).err());
    thread::sleep(Duration::from_millis(50));
    let failed = [b.batch_execute(&lock("a")).err(), first.join().expect("no panic")];
    let codes: Vec<_> = failed.iter().flatten().map(|error| error.code().cloned()).collect();
    same!(codes, [Some(SqlState::T_R_DEADLOCK_DETECTED)], "those that fail");
    Ok(())
}

fn advisory_lock(database: &mut Database) -> Outcome {
    let mut watch = database.connect();
    let mut is_free = |what: &str| {
        let row = watch.query_one("SELECT pg_try_advisory_xact_lock(7)", &[]);
        row.map(|row| row.get::<_, bool>(0)).map_err(|error| format!("{what}: {error}"))
    };
    let lock = "BEGIN; SELECT pg_advisory_xact_lock(7)";
    for end in ["COMMIT", "ROLLBACK"] {
        let mut holder = database.connect();
        holder.batch_execute(lock).map_err(|error| error.to_string())?;
        same!(is_free(end)?, false, "free while it is held");
        holder.batch_execute(end).map_err(|error| error.to_string())?;
        same!(is_free(end)?, true, "free after {end}");
    }
    let proxy = Proxy::to(database.server());
    let mut holder =
        database.connect_through(proxy.address()).map_err(|error| error.to_string())?;
    let row = holder.query_one("SELECT pg_backend_pid()", &[]);
    let process: i32 = row.map_err(|error| error.to_string())?.get(0);
    holder.batch_execute(lock).map_err(|error| error.to_string())?;
    same!(is_free("cut")?, false, "free while it is held");
    proxy.cut();
    wait_until(&mut database.connect(), process, "false");
    same!(is_free("cut")?, true, "free after the connection was lost");
    Ok(())
}

fn notify_size(database: &mut Database) -> Outcome {
    let mut client = database.connect();
    for (length, is_sent) in [(7999_usize, true), (8000, false)] {
        let payload = "x".repeat(length);
        let sent = client.execute("SELECT pg_notify('jetlag', $1)", &[&payload]);
        same!(sent.is_ok(), is_sent, "a payload of {length} bytes is sent");
    }
    Ok(())
}

fn sequence_crash(_: &mut Database) -> Outcome {
    let mut own = Own::start()?;
    let text = |error: postgres::Error| error.to_string();
    own.connect()?.batch_execute("CREATE SEQUENCE positions").map_err(text)?;
    let next = |own: &Own| -> Result<i64, String> {
        let row = own.connect()?.query_one("SELECT nextval('positions')", &[]);
        Ok(row.map_err(text)?.get(0))
    };
    same!((next(&own)?, next(&own)?), (1, 2), "values before the crash");
    own.crash()?;
    let after = next(&own)?;
    holds!(after > 3, "the value after a crash follows: {after}");
    holds!(after <= 2 + BURNT_MAX, "a crash burns more than {BURNT_MAX} values: {after}");
    Ok(())
}

fn replica_lags(_: &mut Database) -> Outcome {
    let text = |error: postgres::Error| error.to_string();
    let primary = Own::start()?;
    let mut client = primary.connect()?;
    client.batch_execute("CREATE TABLE events (version int)").map_err(text)?;
    let replica = primary.replica()?;
    let mut follower = replica.connect()?;
    let append = |client: &mut postgres::Client, version: i32| {
        client.execute("INSERT INTO events VALUES ($1)", &[&version]).map_err(text)
    };
    let mut versions = || -> Result<Vec<i32>, String> {
        let rows = follower.query("SELECT version FROM events ORDER BY version", &[]);
        Ok(rows.map_err(text)?.iter().map(|row| row.get(0)).collect())
    };
    append(&mut client, 1)?;
    for _ in 0..500 {
        if versions()? == [1] {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    same!(versions()?, [1], "what the replica has while it follows");
    // It loses the primary, which commits without it.
    let mut admin = replica.connect()?;
    admin.batch_execute("ALTER SYSTEM SET primary_conninfo = ''").map_err(text)?;
    admin.batch_execute("SELECT pg_reload_conf()").map_err(text)?;
    for _ in 0..500 {
        let receivers = admin.query_one("SELECT count(*) FROM pg_stat_wal_receiver", &[]);
        if receivers.map_err(text)?.get::<_, i64>(0) == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    same!(append(&mut client, 2)?, 1, "rows of a commit that was acknowledged");
    let promoted = admin.query_one("SELECT pg_promote()", &[]).map_err(text)?;
    same!(promoted.get::<_, bool>(0), true, "the replica takes over");
    same!(versions()?, [1], "what the replica has that takes over");
    same!(append(&mut admin, 3)?, 1, "rows that it takes");
    Ok(())
}
