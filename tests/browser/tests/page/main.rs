//! The page in a real browser: what it shows, what its keys do, and what it does not do.
//!
//! Without a browser the tests are listed as ignored. With `JETLAG_BROWSER=required` they fail instead.

mod accessible;
mod capacity;
mod frames;
mod hostile;
mod keys;
mod refused;
mod served;
mod shown;

use jetlag_browser_tests::browser::is_there;
use libtest_mimic::{Arguments, Trial};

/// The tests, each with its name.
const TESTS: &[(&str, fn())] = &[
    ("a_report_opens_without_complaint_and_loads_nothing", shown::opens_and_loads_nothing),
    ("every_view_of_every_domain_is_drawn", shown::every_view_of_every_domain),
    ("what_is_shown_at_a_step_is_what_the_records_say", shown::versions_at_every_kind_of_step),
    ("a_pinned_event_has_its_whole_payload", shown::pinned_event),
    ("a_failure_opens_at_its_explanation", shown::failure),
    ("a_part_of_a_long_run_says_which_part_it_is", shown::window),
    ("queues_and_shed_requests_are_counted", capacity::queues_and_shed_requests),
    ("circuit_breakers_are_open_where_the_records_say_so", capacity::circuit_breakers),
    ("any_record_of_a_long_run_is_shown_at_once", frames::seeks_in_a_long_run),
    ("a_step_is_drawn_once_and_changes_little", frames::steps_draw_little),
    ("keys_move_and_choose", keys::move_and_choose),
    ("the_address_brings_back_what_was_seen", keys::address),
    ("hostile_names_are_shown_as_text", hostile::shown_as_text),
    ("nothing_serious_bars_anybody", accessible::audited),
    ("nothing_is_lost_at_twice_the_size_or_half_the_width", accessible::enlarged),
    ("nothing_moves_for_those_who_want_no_motion", accessible::without_motion),
    ("a_simulation_runs_pauses_steps_and_ends", served::runs_pauses_and_steps),
    ("a_press_becomes_an_entry_and_a_saved_session_is_the_same_run", served::pressed_and_saved),
    ("going_back_takes_presses_back", served::forked),
    ("without_a_file_the_cases_are_walked_through", served::cases),
    ("every_fault_is_a_knob", served::knobs_of_all_families),
    ("strangers_are_refused", refused::strangers),
    ("a_second_browser_only_looks", refused::second_browser),
    ("clients_that_stall_flood_or_vanish_do_no_harm", refused::bad_clients),
];

fn main() {
    let is_ignored = !is_there();
    let trial = |(name, test): &(&str, fn())| {
        let test = *test;
        let run = move || {
            test();
            Ok(())
        };
        Trial::test(*name, run).with_ignored_flag(is_ignored)
    };
    let mut arguments = Arguments::from_args();
    // Each test has a browser of its own.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    libtest_mimic::run(&arguments, TESTS.iter().map(trial).collect()).exit();
}
