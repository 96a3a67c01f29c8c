//! A folder of files and a shell in it, which is typed into as a person would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of its own for a test, removed at the end.
pub(crate) struct Shell(PathBuf);

/// What a command printed, and how it ended.
pub(crate) struct Seen {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Shell {
    /// A shell in a folder with these files.
    pub(crate) fn with(test: &str, files: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shell-{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a temporary folder");
        let shell = Self(folder);
        files.iter().for_each(|(name, text)| shell.write(name, text));
        shell
    }

    /// The outcome of a line.
    pub(crate) fn types(&self, line: &str) -> Seen {
        let output = self.begins(line).wait_with_output();
        Seen::of(line, output.expect("it ends"))
    }

    /// A line whose end is not waited for. The shell becomes the command, so that signals reach it.
    pub(crate) fn begins(&self, line: &str) -> Child {
        let binary = Path::new(env!("CARGO_BIN_EXE_jetlag"));
        let folder = binary.parent().expect("it is in a folder").to_str().expect("a plain path");
        let script = format!("PATH={folder}:$PATH; exec {line}");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(&self.0);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("every system has a shell")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder");
        fs::write(path, text).expect("a temporary file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The capsules in a folder, by their paths from here, in order.
    pub(crate) fn capsules(&self, folder: &str) -> Vec<String> {
        let files = fs::read_dir(self.path(folder)).expect("a folder");
        let names = files.map(|file| file.expect("a file").file_name().into_string());
        let mut names: Vec<String> = names.map(|name| name.expect("UTF-8")).collect();
        names.retain(|name| name.ends_with(".ron"));
        names.sort_unstable();
        names.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Seen {
    pub(crate) fn of(line: &str, Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is text");
        let status = status.code().unwrap_or_else(|| panic!("{line} was killed"));
        Self { status, stdout: text(stdout), stderr: text(stderr) }
    }

    /// The rest of the last line of the report that begins with this word.
    pub(crate) fn command_after(&self, word: &str) -> &str {
        let mut lines = self.stdout.lines().rev();
        let found = lines.find_map(|line| line.trim_start().strip_prefix(word));
        found.unwrap_or_else(|| panic!("no `{word}` in {}", self.stdout)).trim_start()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
