//! A private PostgreSQL in a temporary folder, which listens on a socket there and nowhere else.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server that stops when it is dropped.
pub(super) struct Postgres {
    /// Where the programs may be.
    programs: Vec<PathBuf>,
    folder: PathBuf,
}

impl Postgres {
    /// Starts a server; `None` if PostgreSQL is not installed.
    #[expect(clippy::print_stderr, reason = "what is skipped is told")]
    pub(super) fn start() -> Option<Self> {
        let programs = folders();
        if found(&programs, "initdb").is_none() {
            eprintln!(
                "SKIPPED: PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql)"
            );
            return None;
        }
        // The path of a socket is short.
        let folder = std::env::temp_dir().join(format!("jetlag-check-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("a temporary folder");
        if is_root() {
            // PostgreSQL does not run as root.
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let server = Self { programs, folder };
        let data = server.folder.join("data");
        run(server
            .own("initdb")
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(&data));
        let socket = server.folder.display();
        let options = format!("-k {socket} -c listen_addresses='' -c fsync=off");
        let log = server.folder.join("log");
        run(server
            .own("pg_ctl")
            .args(["start", "--wait", "-o", &options, "-l"])
            .arg(log)
            .arg("-D")
            .arg(&data));
        Some(server)
    }

    /// A program of the server, under the account that the server runs under.
    fn own(&self, program: &str) -> Command {
        let program = found(&self.programs, program).expect("PostgreSQL is installed as a whole");
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The account may not see the folder of the test.
        command.current_dir(&self.folder).env("TZ", "UTC");
        command
    }

    /// Makes a database with tables.
    pub(super) fn database(&self, name: &str, tables: &str) {
        self.query("postgres", &format!("CREATE DATABASE {name}"));
        self.query(name, tables);
    }

    /// What a statement prints, with the options that `docs/check.md` shows.
    pub(super) fn query(&self, database: &str, statement: &str) -> String {
        let mut psql = self.own("psql");
        psql.arg("-h").arg(&self.folder).args(["-U", "postgres", "-d", database]);
        psql.args([
            "-v",
            "ON_ERROR_STOP=1",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
        ]);
        let mut child = psql
            .args(["--file", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql starts");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(statement.as_bytes()).expect("psql reads");
        drop(input);
        let output = child.wait_with_output().expect("psql ends");
        assert!(output.status.success(), "{statement}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = self.own("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(data).output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folders with programs: those of the newest PostgreSQL, and those in `PATH`.
fn folders() -> Vec<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
}

fn found(folders: &[PathBuf], program: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(program)).find(|path| path.exists())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
        && Path::new("/usr/sbin/runuser").exists() | Path::new("/sbin/runuser").exists()
}

fn run(command: &mut Command) {
    let program: Vec<&OsStr> = command.get_args().collect();
    let says = format!("{:?} {program:?}", command.get_program());
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let output = output.spawn().and_then(|child| child.wait_with_output()).expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{says}\n{error}");
}
