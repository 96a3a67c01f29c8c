//! A server of a test's own, which can be restarted.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use redis::{Client, Connection, RedisResult};

/// A Redis without persistence. It ends with the value.
pub(super) struct Own {
    server: Child,
    port: u16,
}

impl Own {
    pub(super) fn start() -> Result<Self, String> {
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let own = Self { server: spawn(port)?, port };
        own.wait()?;
        Ok(own)
    }

    /// Kills the server, and starts it again.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        self.stop();
        self.server = spawn(self.port)?;
        self.wait()
    }

    pub(super) fn connection(&self) -> RedisResult<Connection> {
        Client::open(format!("redis://127.0.0.1:{}/", self.port))?.get_connection()
    }

    fn wait(&self) -> Result<(), String> {
        for _ in 0..500 {
            if self.connection().is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("Redis does not start".to_owned())
    }

    fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(port: u16) -> Result<Child, String> {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"]);
    command.arg(port.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| format!("redis-server: {error}"))
}
