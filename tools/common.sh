# Shared by the shell scripts of this folder; sourced by them, with $root set.
# shellcheck shell=sh

name=$(basename -- "$0")

say() { printf '%s: %s\n' "$name" "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

# Where everything goes that can be made again and is shared by all checkouts.
cache_folder() {
    if [ -n "${XDG_CACHE_HOME:-}" ]; then
        printf '%s\n' "$XDG_CACHE_HOME/serverless-ml"
    elif [ -n "${HOME:-}" ]; then
        printf '%s\n' "$HOME/.cache/serverless-ml"
    else
        fail "neither HOME nor XDG_CACHE_HOME is set, so there is nowhere to keep the Pulumi CLI: set one of them"
    fi
}

suitable_python='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

# The first Python that can make our virtual environment; nothing if there is none.
find_python() {
    for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c "$suitable_python" >/dev/null 2>&1; then
            command -v "$python"
            return
        fi
        if [ "$python" = "${PYTHON:-}" ]; then
            fail "PYTHON=$PYTHON is not a Python 3.11 or newer with venv and ensurepip"
        fi
    done
}

# Run a command whose output nobody wants unless it fails, and show that it is alive: every few seconds the time it
# has taken and the last line it wrote. `progress LOG COMMAND...`
progress() {
    log=$1
    shift
    start=$(date +%s)
    (
        exec 9>&- # a lock must not outlive the script in this one
        next=3
        while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
            seconds=$(($(date +%s) - start))
            [ "$seconds" -ge "$next" ] || continue
            next=$((next + 15))
            last=$(tail -n 1 "$log" 2>/dev/null | tr '\r' '\n' | tail -n 1 | cut -c 1-100)
            printf '  %4d s  %s\n' "$seconds" "$last" >&2
        done
    ) &
    ticker=$!
    # The command stays in the foreground: a shell makes what it starts in the background deaf to Ctrl-C.
    trap 'kill "$ticker" 2>/dev/null || true; exit 130' INT
    trap 'kill "$ticker" 2>/dev/null || true; exit 143' TERM HUP
    status=0
    "$@" >"$log" 2>&1 || status=$?
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # By the signal that can't be lost: another one is, where it comes before the ticker has let go of this shell's traps.
    kill -9 "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    return "$status"
}

# Hold a lock for as long as this script lives, so that two at once don't work in the same folder. The kernel lets go
# of it when the script dies, however it dies. `hold_lock ANY_EXISTING_PATH PYTHON`
hold_lock() {
    exec 9<"$1"
    "$2" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null && return
    say "waiting for another one that is at work already"
    "$2" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}
