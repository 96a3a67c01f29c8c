//! PostgreSQL servers of a test's own, which can crash and be followed.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use postgres::{Client, Config, NoTls};

/// A server in a folder of its own. Both end with the value.
pub(super) struct Own {
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Own {
    /// A new server.
    pub(super) fn start() -> Result<Self, String> {
        let mut own = Self::folder()?;
        let data = own.data();
        own.run("initdb", &["-U", "jetlag", "-A", "trust", "-N", "-D", &data])?;
        own.serve()?;
        Ok(own)
    }

    /// A replica of it, which follows it.
    pub(super) fn replica(&self) -> Result<Self, String> {
        let mut own = Self::folder()?;
        let (data, port) = (own.data(), self.port.to_string());
        let from = ["-h", "127.0.0.1", "-p", &port, "-U", "jetlag"];
        let to = ["-D", &data, "-R", "-X", "stream", "-c", "fast"];
        own.run("pg_basebackup", &[&from[..], &to[..]].concat())?;
        own.serve()?;
        Ok(own)
    }

    /// Kills the server in the midst of everything, and starts it again.
    pub(super) fn crash(&mut self) -> Result<(), String> {
        self.stop("immediate");
        self.serve()
    }

    pub(super) fn connect(&self) -> Result<Client, String> {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port).user("jetlag").dbname("postgres");
        config.connect(NoTls).map_err(|error| error.to_string())
    }

    fn folder() -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("jetlag-own-{}-{nth}", std::process::id()));
        std::fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        if is_root() {
            let mut chown = Command::new("chown");
            chown.arg("nobody:nogroup").arg(&folder);
            finished(chown, "chown")?;
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = free.as_ref().map(SocketAddr::port).map_err(ToString::to_string)?;
        Ok(Self { folder, port, server: None })
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn serve(&mut self) -> Result<(), String> {
        let mut command = self.command("postgres");
        command.args(["-D", &self.data(), "-p", &self.port.to_string(), "-k"]).arg(&self.folder);
        command.args(["-c", "listen_addresses=127.0.0.1"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(command.spawn().map_err(|error| format!("postgres: {error}"))?);
        for _ in 0..1500 {
            if self.connect().is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("PostgreSQL does not start".to_owned())
    }

    fn run(&mut self, name: &str, words: &[&str]) -> Result<(), String> {
        let mut command = self.command(name);
        command.args(words);
        finished(command, name)
    }

    /// A program of PostgreSQL, which refuses to run as root.
    fn command(&self, name: &str) -> Command {
        let program = program(name);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        command.current_dir(&self.folder).env("HOME", &self.folder);
        command
    }

    fn stop(&mut self, how: &str) {
        let Some(mut server) = self.server.take() else { return };
        let data = self.data();
        let _ = self.run("pg_ctl", &["stop", "-m", how, "-D", &data]);
        let _ = server.wait();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop("immediate");
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a command to its end, which must be a success.
fn finished(mut command: Command, name: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// The newest PostgreSQL of Debian, which keeps it out of the path, or the one in the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| number(path));
    let newest = versions.pop().map(|path| path.join("bin").join(name));
    newest.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(name))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
