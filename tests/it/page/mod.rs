//! `jetlag report` and the data of a page: compared with the run, and what the command refuses.

mod data;
mod usage;
