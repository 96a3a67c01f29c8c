//! Rows of PostgreSQL alone: the platform does not rely on these.

use std::thread;
use std::time::Duration;

use postgres::error::SqlState;

use super::Database;
use super::transaction::wait_until;
use crate::proxy::Proxy;
use crate::suite::{Outcome, Row, holds, rows, same};

/// The rows, each on a database of its own.
pub const ROWS: &[Row<Database>] = rows! {
    "pg-serializable" => serializable,
    "pg-deadlock" => deadlock,
    "pg-advisory-lock" => advisory_lock,
    "pg-notify-size" => notify_size,
};

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
