#!/usr/bin/env bash
# Runs the two largest workloads, each as one run with all properties, and prints what they take.
#
#   cargo build --release && benches/sizes/measure.sh target/release/jetlag
#
# Needs GNU time. A file with fewer customers or events is made with LASTS, such as LASTS=1000s.
set -euo pipefail
jetlag=${1:-target/release/jetlag}
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in flash_sale.ron ten_million_events_a_day.ron; do
    sed "${LASTS:+s/lasts: \"[0-9a-z]*\"/lasts: \"$LASTS\"/}" "$file" > "$work/$file"
    env time -f "%U + %S s of processor time, %M KiB" "$jetlag" run "$work/$file"
done
