#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The main job on one page: a private daemon checks a private update server every few seconds, and once by hand.
# Wants bgtaskd and bgtaskctl in PATH. Everything is in one temporary directory and is gone afterwards.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
seconds=${DEMO_SECONDS:-8}
directory=$(mktemp -d "${TMPDIR:-/tmp}/bgtaskd-demo.XXXXXX")
server=
daemon=

# Stop process $1, that we started, and wait for it.
stop() {
        [ -n "$1" ] || return 0
        kill "$1" 2>/dev/null || :
        wait "$1" 2>/dev/null || :
}

clean_up() {
        status=$?
        trap - EXIT INT TERM HUP
        stop "$daemon"
        stop "$server"
        if [ "$status" -ne 0 ]; then
                echo "demo: failed (exit code $status); the daemon said:" >&2
                sed 's/^/  /' "$directory/daemon.log" >&2 2>/dev/null || :
        fi
        rm -rf -- "$directory"
        exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Wait until $1 exists; $2 is the process that makes it.
wait_for() {
        tries=0
        until [ -e "$1" ]; do
                tries=$((tries + 1))
                if [ "$tries" -gt 2400 ] || ! kill -0 "$2" 2>/dev/null; then
                        echo "demo: $1 did not appear" >&2
                        exit 1
                fi
                sleep 0.05
        done
}

say() {
        printf '\n== %s\n' "$*"
}

show() {
        printf '$ %s\n' "$*"
        "$@"
}

say "An update server on 127.0.0.1"
python3 "$here/update_server.py" --port-file "$directory/url" >/dev/null &
server=$!
wait_for "$directory/url" "$server"
url=$(cat "$directory/url")
echo "$url"

say "A daemon of our own"
mkdir -m 700 "$directory/state" "$directory/runtime"
BGTASKD_PREFS=$directory/prefs.js
BGTASKD_SOCKET=$directory/runtime/control
export BGTASKD_PREFS BGTASKD_SOCKET
printf 'pref("app.update.url", "%s");\n' "$url" >"$BGTASKD_PREFS"
bgtaskd --user --state-dir "$directory/state" --runtime-dir "$directory/runtime" >"$directory/daemon.log" 2>&1 &
daemon=$!
wait_for "$BGTASKD_SOCKET" "$daemon"
echo "bgtaskd is process $daemon"

say "A schedule: check for updates every 3 seconds"
show bgtaskctl schedule add update-check backgroundupdate --every=3s
show bgtaskctl schedule list

say "Once by hand: the task's output, and its exit code is the command's"
show bgtaskctl run backgroundupdate
echo "exit code $?"

say "Now the schedule has $seconds seconds to work"
sleep "$seconds"
show bgtaskctl list

say "The output of one run, the newest"
run=$(bgtaskctl --json list | python3 -c '
import json, sys
text = sys.stdin.read()
try:
    runs = json.loads(text)
except ValueError:
    runs = [json.loads(line) for line in text.splitlines() if line.strip()]
runs = runs.get("runs", runs) if isinstance(runs, dict) else runs
done = [run for run in runs if run["state"] == "finished" and run["exitCode"] == 0]
if len(done) < 2:  # one was by hand
    sys.exit("demo: the schedule has run nothing")
print(max(run["id"] for run in done))
')
show bgtaskctl logs "$run"

say "What the daemon says of itself"
show bgtaskctl status
show bgtaskctl schedule remove update-check

say "Done: stopping the daemon and the server, removing $directory"
