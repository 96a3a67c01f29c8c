#!/usr/bin/env bash
# The figures of "What a night buys" in docs/campaigns.md: rates on one core, in processor time, so that other
# work on the machine counts little, and the table.
#
#   cargo build --release && benches/night.sh target/release/jetlag
#
# Needs jq. RUNS sets the number of runs that are measured (20,000).
set -euo pipefail
jetlag=${1:-target/release/jetlag}
runs=${RUNS:-20000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

TIMEFORMAT='%U %S'
seconds=$({ time "$jetlag" fuzz scenarios --runs "$runs" --jobs 1 --format json \
    --findings "$work/findings" > "$work/campaign.json" 2> "$work/notes"; } 2>&1)

# The median, over the pairs of fault and saga state that were reached, of the runs that reached one.
pairs='[.features[] | select(.kind == "fault_during" and .runs > 0).runs] | sort | .[length / 2 | floor]'
jq -r ".entries[0] | [.runs, .occurrences, (.files | length), .orders.distinct, .orders.unseen_permille, ($pairs)] | @tsv" \
    "$work/campaign.json" | awk -v seconds="$seconds" '
{
    split(seconds, time, " ")
    total = time[1] + time[2]
    p = $6 / $1
    printf "%d runs of %d files in %.1f s of processor time: %.0f runs/s, %.0f occurrences/s on one core\n",
        $1, $3, total, $1 / total, $2 / total
    printf "%d orders, %.1f %% unseen; the median pair in %d runs: p = %.3f %%\n\n", $4, $5 / 10, $6, 100 * p
    split("2 64 1000", cores, " ")
    printf "| | 2 cores | 64 cores | 1,000 cores |\n|---|---|---|---|\n| runs in a night |"
    for (i = 1; i <= 3; i++) {
        night[i] = 8 * 3600 * cores[i] * $1 / total
        printf " %.0f million |", night[i] / 1e6
    }
    for (k = 1; k <= 4; k++) {
        printf "\n| k = %d |", k
        for (i = 1; i <= 3; i++) printf " %.4f %% |", 100 * (1 - exp(-night[i] * p ^ k))
    }
    printf "\n"
}'
