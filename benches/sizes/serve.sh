#!/usr/bin/env bash
# Serves a scenario to one page at full speed, and prints the memory of the server: after the run was made, and every
# few seconds until its end was shown.
#
#   cargo build --release && LASTS=1h benches/sizes/serve.sh target/release/jetlag ten_million_events_a_day.ron
#
# With CLIENT=nobody no page is connected, with CLIENT=stalled there is one that reads nothing; then the memory is
# printed for FOR seconds (80 if it is not set).
#
# Needs curl, and Linux for the figures.
set -euo pipefail
jetlag=$(realpath "${1:-target/release/jetlag}")
cd "$(dirname "$0")"
file=${2:-ten_million_events_a_day.ron}
work=$(mktemp -d)
sed "${LASTS:+s/lasts: \"[0-9a-z]*\"/lasts: \"$LASTS\"/}" "$file" > "$work/scenario.ron"
"$jetlag" serve "$work/scenario.ron" > "$work/address" 2> "$work/notes" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT

memory() { awk '/^VmRSS/ { printf "%d MiB", $2 / 1024 } /^VmHWM/ { hwm = $2 / 1024 } END { printf " (most: %d MiB)\n", hwm }' "/proc/$server/status"; }
order() { curl -sf -b "$work/cookies" -H "X-Jetlag: $token" -d "$1" "$base/do" > "$work/answer"; }

until [ -s "$work/address" ]; do sleep 1; done
address=$(cat "$work/address")
base=${address%%/\?*}
token=${address##*token=}
echo "the run was made: $(memory)"
curl -sf -c "$work/cookies" "$address" > "$work/page"
run() { order '{"do":"speed","value":10000}'; order '{"do":"run"}'; }
if [ "${CLIENT:-page}" != page ]; then
    if [ "$CLIENT" = stalled ]; then
        port=${base##*:}
        exec 5<> "/dev/tcp/127.0.0.1/$port"
        printf 'GET /events?token=%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n' "$token" "$port" >&5
    fi
    run
    for ((passed = 0; passed < ${FOR:-80}; passed += ${EVERY:-5})); do
        sleep "${EVERY:-5}"
        echo "$CLIENT: $(memory)"
    done
    exit
fi
curl -sfN -b "$work/cookies" "$base/events?token=$token" > "$work/frames" &
run
while ! grep -q '"over":true' "$work/frames"; do
    sleep "${EVERY:-5}"
    echo "$(tail -c 20000 "$work/frames" | grep -o '"occurrences":[0-9]*' | tail -1 | cut -d: -f2) occurrences shown: $(memory), $(($(stat -c %s "$work/frames") / 1048576)) MiB sent"
done
