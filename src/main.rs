//! The `jetlag` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    jetlag::domains::harness().main()
}
