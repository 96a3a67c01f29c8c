#!/usr/bin/env bash
# A campaign as an array job of Slurm, on this machine alone: four shards, one of them killed in the middle and
# requeued. What `jetlag merge` prints must be, byte for byte, what one process prints for the same campaign.
#
#     tests/cluster/slurm.sh [PATH/TO/jetlag]
#
# Needs root on Debian or Ubuntu: it installs slurm-wlm if it is not there, and runs the daemons on loopback without
# authentication, which is for tests only. Where that cannot be done it says SKIPPED and exits with 0.
set -euo pipefail
cd "$(dirname "$0")/../.."

jetlag=$(realpath "${1:-target/release/jetlag}")
skip() { printf 'SKIPPED tests/cluster/slurm.sh: %s\n' "$*"; exit 0; }
fail() { printf 'FAILED tests/cluster/slurm.sh: %s\n' "$*" >&2; exit 1; }

[ "$(uname -s)" = Linux ] || skip "Slurm needs Linux"
[ "$(id -u)" = 0 ] || skip "the daemons need root"
if ! command -v slurmctld >/dev/null; then
    command -v apt-get >/dev/null || skip "there is no slurmctld, and no apt-get to install it with"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends slurm-wlm; } \
        >/dev/null 2>&1 || skip "slurm-wlm cannot be installed"
fi

work=$(mktemp -d)
daemons=()
clean_up() {
    status=$?
    for daemon in "${daemons[@]}"; do kill "$daemon" 2>/dev/null || true; done
    wait
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "left for a look: $work" >&2; fi
}
trap clean_up EXIT

# ---- a cluster of one node, which pretends to have a core for each shard
export SLURM_CONF=$work/slurm.conf
cat > "$SLURM_CONF" <<END
ClusterName=loopback
SlurmctldHost=localhost
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SlurmUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
NodeName=localhost NodeAddr=127.0.0.1 CPUs=4
PartitionName=all Nodes=localhost Default=YES
END
mkdir "$work/state" "$work/spool"
slurmctld -D > "$work/slurmctld.log" 2>&1 & daemons+=($!)
slurmd -D -N localhost > "$work/slurmd.log" 2>&1 & daemons+=($!)
for _ in $(seq 50); do
    [ "$(sinfo --noheader --format %T 2>/dev/null || true)" != idle ] || break
    sleep 0.2
done
[ "$(sinfo --noheader --format %T 2>/dev/null || true)" = idle ] || skip "the daemons do not start here"

# ---- the campaign
cd "$work"
# Fails in every run, so that there is something to find.
sed 's/^    faults: \[/    fuzz: (faults: [Delay, Reorder], budget: 2),\n&/' \
    "$OLDPWD/examples/captured_twice.ron" > captured_twice.ron
cp -r "$OLDPWD/scenarios/orders" orders
start=(fuzz captured_twice.ron orders --block 50 --seed 7 --jobs 1)
killed=findings/shard-2-of-4/campaign.json
jobs_end() {
    for _ in $(seq 600); do
        [ -n "$(squeue --noheader)" ] || return 0
        sleep 0.1
    done
    fail "the shards do not end"
}

# ---- in four shards, with so many runs that shard 2 can be killed in the middle, however fast this machine is
for runs in 2000 8000 32000 128000; do
    rm -rf findings shard-*.out
    campaign=("${start[@]}" --runs "$runs")
    cat > shard.sh <<END
#!/bin/sh
exec "$jetlag" ${campaign[*]} --findings findings
END
    job=$(sbatch --parsable --array=0-3 --requeue --open-mode=append --output=shard-%a.out shard.sh)
    for _ in $(seq 1500); do
        # Some blocks are done, so that there is something to lose and something to keep.
        ! grep -q '"done":{"ranges":\[\[' "$killed" 2>/dev/null || break
        sleep 0.02
    done
    scancel --batch --signal=KILL "${job}_2" 2>/dev/null || true
    jobs_end
    "$jetlag" merge findings --findings incomplete > incomplete.txt 2> incomplete.err || true
    ! grep -q '^note: not all runs of shard: .*2/4' incomplete.err || break
    [ "$runs" != 128000 ] || fail "shard 2 always ends before it can be killed"
done
cp "$killed" when-killed.json

# slurmd takes a job that starts again in the second in which it was killed for the killed one.
sleep 2
scontrol requeue "${job}_2"
# A job that was requeued waits for two minutes, unless it is told not to.
scontrol update "jobid=${job}_2" starttime=now || true
jobs_end
cmp -s "$killed" when-killed.json && fail "shard 2 was not continued"
for shard in 0 1 2 3; do
    grep -q . "shard-$shard.out" || fail "shard $shard printed nothing"
done

# ---- the same in one process
status=0
mv findings shards
"$jetlag" "${campaign[@]}" > one.txt 2> one.err || status=$?
[ "$status" = 1 ] || fail "one process: exit status $status instead of 1"
mv findings one
mv shards findings

# ---- one summary
status=0
"$jetlag" merge findings > merged.txt 2> merged.err || status=$?
[ "$status" = 1 ] || fail "merge: exit status $status instead of 1"
[ ! -s merged.err ] || fail "merge notes: $(cat merged.err)"
diff one.txt merged.txt || fail "the merged summary differs from that of one process"
for capsule in one/*.ron; do
    cmp "$capsule" "findings/${capsule#one/}" || fail "a capsule differs"
done
# In another order, and once more: the same.
"$jetlag" merge $(ls -r findings/shard-*/campaign.json) > again.txt 2>/dev/null || true
diff merged.txt again.txt || fail "a second merge differs"
printf 'ok: %s in four shards, one of them killed and requeued, merged to the bytes of one process\n' \
    "$(grep -o '[0-9,]* runs' merged.txt | head -1)"
