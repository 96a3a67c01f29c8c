//! `jetlag report`: writes runs as pages that anyone can open.

use std::path::PathBuf;

use super::exit::Exit;
use super::load::load_one;
use super::output::note;
use super::pages::write_page;
use super::seeds::Chance;
use super::written::can_be_replaced;
use crate::harness::{Harness, Trouble, shown};

/// Which runs, and where to write them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files, capsules, or folders with them
    #[arg(required = true, value_name = "PATH")]
    files: Vec<PathBuf>,
    /// Where to write the page [default: the name of the file, with .html, in the current folder]
    ///
    /// Of several files, the folder for the pages, which has to exist. A page that is there is replaced, but no
    /// scenario and no capsule.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    chance: Chance,
}

impl Args {
    pub(super) fn run(self, harness: &Harness) -> Result<Exit, Trouble> {
        let files = harness.files(&self.files)?;
        let pages = self.pages(&files)?;
        for (file, page) in files.iter().zip(&pages) {
            let mut scenario = load_one(harness, file)?;
            let request = self.chance.request(harness, &mut *scenario)?;
            let Some(verdict) = write_page(&*scenario, &request, page)? else {
                return Ok(Exit::Interrupted);
            };
            note(format_args!("{}: {verdict}, written to {}", shown(file), shown(page)));
        }
        Ok(Exit::Held)
    }

    /// Where the page of each file is written. Checked before the first run.
    fn pages(&self, files: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
        let folder = match &self.output {
            None => PathBuf::new(),
            Some(folder) if folder.is_dir() => folder.clone(),
            Some(output) if files.len() == 1 => {
                can_be_replaced(output, "run.html")?;
                return Ok(vec![output.clone()]);
            }
            Some(output) => {
                let message = format!("--output is not a folder: {}", shown(output));
                let hint = format!("{} pages are written to it: make it first", files.len());
                return Err(Trouble::new(message).hint(hint));
            }
        };
        let page = |file: &PathBuf| {
            folder.join(file.with_extension("html").file_name().unwrap_or_default())
        };
        let pages: Vec<PathBuf> = files.iter().map(page).collect();
        let mut sorted: Vec<(&PathBuf, &PathBuf)> = pages.iter().zip(files).collect();
        sorted.sort();
        let mut pairs = sorted.windows(2).map(|pair| (pair[0], pair[1]));
        if let Some(((_, one), (_, other))) = pairs.find(|(one, other)| one.0 == other.0) {
            let message = format!("the pages of {} and {} have one name", shown(one), shown(other));
            return Err(Trouble::new(message).hint("write them one by one, with --output"));
        }
        Ok(pages)
    }
}
