//! The command that is tested.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The command: the one that `JETLAG` names, or the one that was built last for tests.
fn program() -> PathBuf {
    let named = std::env::var_os("JETLAG").map(PathBuf::from);
    named.unwrap_or_else(|| root().join("target/debug/jetlag"))
}

fn jetlag() -> Command {
    let program = program();
    assert!(program.is_file(), "build it first: `cargo build` makes {}", program.display());
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// What the command prints.
pub fn output(arguments: &[&str]) -> String {
    let done = jetlag().args(arguments).output().expect("the command starts");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("the command prints text")
}

/// What the command says when it refuses something.
pub fn refusal(arguments: &[&str]) -> String {
    let done = jetlag().args(arguments).output().expect("the command starts");
    assert_eq!(done.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(done.stderr).expect("the command prints text")
}

/// The digest of a scenario's own run.
pub fn digest_of(file: &Path) -> String {
    let file = file.to_string_lossy();
    let done = jetlag().args(["run", &file, "--format", "json"]).output().expect("it starts");
    let report: serde_json::Value =
        serde_json::from_slice(&done.stdout).expect("the report is a document");
    report["entries"][0]["digest"].as_str().expect("it is a run").to_owned()
}

/// A file of this name that no other test uses.
pub fn scratch(name: &str) -> PathBuf {
    let folder = root().join("target/browser");
    std::fs::create_dir_all(&folder).expect("a folder for what tests write");
    folder.join(name)
}

/// The page of a scenario or capsule.
pub fn page(file: &str) -> PathBuf {
    let page = scratch(&(file.replace(['/', '\\'], "_") + ".html"));
    output(&["report", file, "--output", &page.to_string_lossy()]);
    page
}

/// A simulation that is served.
pub struct Served {
    child: Child,
    /// Its address, with the token.
    pub address: String,
}

impl Served {
    /// Serves a scenario; without one, what the command shows first.
    pub fn start(file: Option<&str>) -> Self {
        let mut command = jetlag();
        command.arg("serve").args(file);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the command starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it prints its address");
        Self { child, address: line.trim().to_owned() }
    }

    /// Its host with its port.
    pub fn host(&self) -> &str {
        let host = self.address.strip_prefix("http://").expect("an address");
        host.split('/').next().expect("a host")
    }

    /// Its token.
    pub fn token(&self) -> &str {
        self.address.split_once("token=").expect("a token").1
    }

    /// The memory that it uses, in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
        kib.expect("a number") * 1024
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
