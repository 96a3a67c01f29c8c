#!/usr/bin/env bash
# Writes pages of runs with about 2,000, 20,000 and 200,000 records, and prints how many records and bytes each has.
#
#   cargo build --release && benches/sizes/report.sh target/release/jetlag
#
# The runs are those of a scenario in which bookings arrive for as long as it takes.
set -euo pipefail
jetlag=$(realpath "${1:-target/release/jetlag}")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for lasts in 130ms 1300ms 13500ms; do
    sed "s/lasts: \"20s\"/lasts: \"$lasts\"/" scenarios/flights/burst_load.ron > "$work/$lasts.ron"
    "$jetlag" report "$work/$lasts.ron" -o "$work/$lasts.html" 2> "$work/notes"
    records=$("$jetlag" export "$work/$lasts.ron" --as page | grep -o '"records":{"n":[0-9]*' | cut -d: -f3)
    echo "$lasts of bookings: $records records, $(stat -c %s "$work/$lasts.html") bytes"
done
