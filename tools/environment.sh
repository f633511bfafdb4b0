# The project's environment for Pulumi; sourced after common.sh, with $root set. What the user chose is left alone.
# shellcheck shell=sh

pulumi_version=$(sed -n 's|^.*github.com/pulumi/pulumi/pkg/v3 v\([0-9.]*\).*|\1|p' "$root/tools/engine/go.mod")
cached_cli=$(cache_folder)/pulumi-$pulumi_version/bin/pulumi
cached_home=$(cache_folder)/pulumi-home

# --- which Pulumi CLI

at_least() { printf '%s\n%s\n' "$2" "$1" | sort -C -t . -k 1,1n -k 2,2n -k 3,3n; }

# Every `pulumi` on PATH, then the place of the official installer; never this project's own script of that name.
cli_candidates() (
    set -f
    IFS=:
    for folder in $PATH ${HOME:+"$HOME/.pulumi/bin"}; do
        [ -f "$folder/pulumi" ] && [ -x "$folder/pulumi" ] || continue
        [ "$folder/pulumi" -ef "$root/tools/pulumi" ] || printf '%s\n' "$folder/pulumi"
    done
)

# Set $cli to a new enough one that the user has, if there is one.
find_own_cli() {
    cli=
    while IFS= read -r candidate && [ -z "$cli" ]; do
        [ -n "$candidate" ] || continue
        # Another checkout's tools/pulumi on PATH must not come back to ours, and so on for ever.
        version=$(SERVERLESS_ML_PROBE=1 PULUMI_SKIP_UPDATE_CHECK=true "$candidate" version 2>/dev/null </dev/null) || version=
        version=${version#v}
        if [ -z "$version" ]; then
            say "$candidate does not tell its version, so it is passed over"
        elif at_least "$version" "$pulumi_version"; then
            cli=$candidate
        else
            say "$candidate is $version; this project needs $pulumi_version or newer, so it is passed over"
        fi
    done <<END
$(cli_candidates)
END
}

choose_cli() {
    [ -z "${SERVERLESS_ML_PROBE:-}" ] || exit 1
    find_own_cli
    if [ -z "$cli" ]; then
        [ -x "$cached_cli" ] || "$root/tools/install-pulumi"
        cli=$cached_cli
    fi
    # The older language host ignores the project's virtualenv option and takes the first python3 on PATH.
    export VIRTUAL_ENV="$root/.venv"
    export PATH="$VIRTUAL_ENV/bin:$(dirname -- "$cli"):$PATH"
    export PULUMI_SKIP_UPDATE_CHECK=true
    # A CLI of our own keeps its workspace beside it, not in the user's home; one that has been used keeps its own.
    if [ -z "${PULUMI_HOME:-}" ] && [ ! -e "${HOME:-}/.pulumi/credentials.json" ] &&
        { [ "$cli" = "$cached_cli" ] || [ -e "$cached_home/credentials.json" ]; }; then
        export PULUMI_HOME="$cached_home"
    fi
}

# --- which backend, and whose passphrase

has_login() { grep -Eqs '"current": *"[^"]|[$]pulumiSecureStore"' "$1/credentials.json"; }

logged_in() {
    [ -n "${PULUMI_ACCESS_TOKEN:-}" ] && return
    if [ -n "${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-}}" ]; then
        has_login "${PULUMI_CREDENTIALS_PATH:-$PULUMI_HOME}"
    else
        has_login "${HOME:-}/.pulumi" || has_login "$cached_home"
    fi
}

# True if the state lives in .state of this checkout, because nobody said otherwise.
own_backend() {
    [ -z "${PULUMI_BACKEND_URL:-}" ] && ! logged_in && ! grep -qs '^backend:' "$root/Pulumi.yaml"
}

choose_backend() {
    own_backend || return 0
    state=$root/.state
    [ -d "$state" ] || mkdir -m 700 "$state" 2>/dev/null || [ -d "$state" ] || fail "can't make the folder $state"
    if [ ! -s "$state/passphrase" ]; then
        # Linked into place when whole, and by one only: two that start together must end with the same passphrase.
        (umask 077 && od -An -N 32 -tx1 /dev/urandom | tr -d ' \n' >"$state/passphrase.$$")
        ln "$state/passphrase.$$" "$state/passphrase" 2>/dev/null || true
        rm -f "$state/passphrase.$$"
    fi
    if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
        export PULUMI_CONFIG_PASSPHRASE_FILE="$state/passphrase"
    fi
    # The engine reads a URL here, so what would end or change its path is escaped.
    PULUMI_BACKEND_URL=file://$(printf '%s\n' "$state" | sed 's/%/%25/g; s/ /%20/g; s/#/%23/g; s/?/%3F/g')
    export PULUMI_BACKEND_URL
    export SERVERLESS_ML_STATE="$state" # tells our scripts that the backend is this one
}
