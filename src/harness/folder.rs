//! A folder to which a campaign writes what it finds.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::paths::shown;
use super::trouble::Trouble;
use crate::capsule::addressed;
use crate::explore::Finding;

/// A folder whose files are written atomically: a reader sees the old file or the new one, also after a crash.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn at(path: &Path) -> Result<Self, Trouble> {
        if path.is_file() {
            return Err(Trouble::new(format!("{} is a file, and a folder is needed", shown(path))));
        }
        fs::create_dir_all(path).map_err(|error| Trouble::io("make the folder", path, &error))?;
        Ok(Self(path.to_owned()))
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, in the place of one that is there.
    ///
    /// # Errors
    ///
    /// When it cannot be written. A file that was there is unchanged then.
    pub fn write(&self, name: &str, text: &str) -> Result<(), Trouble> {
        // Another process may write a file of that name to the same folder.
        let temporary = self.file(&format!(".{name}.{}.tmp", std::process::id()));
        let path = self.file(name);
        let written = write(&temporary, text).and_then(|()| fs::rename(&temporary, &path));
        written.map_err(|error| Trouble::io("write", &path, &error))
    }

    /// Writes the capsule of a finding, with the command that replays it from here.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn keep(&self, finding: &Finding, command: &str) -> Result<(), Trouble> {
        let name = finding.file_name();
        let path = self.file(&name);
        self.write(&name, &addressed(&finding.capsule, command, &path.to_string_lossy()))
    }

    /// Removes a file, if it exists.
    ///
    /// # Errors
    ///
    /// When it exists and cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), Trouble> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Trouble::io("remove", &path, &error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The text of a file; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<String>, Trouble> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::io("read", &path, &error)),
        }
    }
}

/// Writes a file and waits until it is on the disk: only then may it get its name.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let path = std::env::temp_dir().join(format!("jetlag-folder-{}", std::process::id()));
        let folder = Folder::at(&path.join("of/findings")).expect("it can be made");
        assert_eq!(folder.read("a.ron"), Ok(None));
        for text in ["a long text", "short"] {
            folder.write("a.ron", text).expect("it can be written");
            assert_eq!(folder.read("a.ron"), Ok(Some(text.to_owned())));
        }
        let names = fs::read_dir(path.join("of/findings")).expect("it is there").count();
        assert_eq!(names, 1, "no temporary file is left");
        // What is in the way is left as it is, and the error names it.
        fs::create_dir_all(folder.file("b.ron/c")).expect("it can be made");
        let error = folder.write("b.ron", "text").expect_err("a folder is in the way");
        assert!(error.to_string().contains("b.ron: "), "{error}");
        assert!(folder.file("b.ron/c").is_dir());
        fs::remove_dir_all(&path).expect("it was just made");
    }
}
