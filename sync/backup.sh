#!/bin/sh
# Copies of database, state, archive and secrets of the stack. InfluxDB 2 is copied through its API, by sync/backup_influxdb2.py;
# InfluxDB 1 by its own program, so that this runs in the image of that database.
#   serve            make a backup every STACK_BACKUP_HOURS, and keep the newest STACK_BACKUP_KEEP
#   now              make one now
#   list             name those that there are
#   restore [NAME]   put database and state back as they were, from the newest or the one that is named
#   healthy          exit with 0 unless the newest is two intervals old
# INFLUXDB_RPC (host:8088) says that the database is InfluxDB 1; otherwise it is InfluxDB 2.
set -eu
umask 077

backups=${BACKUP_FOLDER:-/backup}
state=${BACKUP_STATE:-/state}
secrets=${BACKUP_SECRETS:-/secrets}
bucket=$INFLUXDB_BUCKET
hours=${STACK_BACKUP_HOURS:-24}
keep=${STACK_BACKUP_KEEP:-7}
NONE="There is no backup yet. What is wrong, if anything, is in the log: docker compose logs backup"
MINUTES_OF_SILENCE=20 # of a run: the longest pause that the tap makes is 15

say() { echo "$(date -u '+%Y-%m-%d %H:%M:%SZ') $*"; }
fail() { say "$*" >&2; exit 1; }

for number in "$hours" "$keep"; do
    case $number in
    '' | 0* | *[!0-9]*) fail "STACK_BACKUP_HOURS and STACK_BACKUP_KEEP must be whole numbers from 1 on, not '$number'." ;;
    esac
done

# In a shell of its own, as `set -e` means nothing in a function whose failure is asked for.
step() { /bin/sh "$0" "$@"; }

names() { find "$backups" -mindepth 1 -maxdepth 1 -type d -name '20*' -exec basename {} \; | sort -r; }
newest() { names | head -n 1; }
is_younger_than() { [ -n "$(find "$backups" -mindepth 1 -maxdepth 1 -type d -name '20*' -mmin "-$1")" ]; }

influx2() { INFLUXDB_TOKEN=$(cat "$secrets/influxdb-token") python -m sync.backup_influxdb2 "$@"; }
influx1() { # STATEMENT [DATABASE]
    curl -fsS --max-time 600 --data-urlencode "db=${2:-$bucket}" --data-urlencode "q=$1" "$INFLUXDB_URL/query"
}
wait_for_shards() { # of a database: influxd says that it is done before it has opened them, and breaks off a DROP until then
    tries=0
    until answer=$(influx1 'SELECT * FROM /.*/ LIMIT 1' "$1") && ! echo "$answer" | grep -q '"error"'; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || fail "InfluxDB has not opened the restored shards within 10 minutes."
        sleep 1
    done
}

copy_database() {
    if [ -n "${INFLUXDB_RPC:-}" ]; then
        influxd backup -portable -host "$INFLUXDB_RPC" -database "$bucket" "$1"
    else
        influx2 backup "$1"
    fi
}

put_database_back() {
    if [ -n "${INFLUXDB_RPC:-}" ]; then # cannot rename a database: that of the backup is tried under another name first
        influx1 "DROP DATABASE \"$bucket.restored\"" >/dev/null
        influxd restore -portable -host "$INFLUXDB_RPC" -db "$bucket" -newdb "$bucket.restored" "$1"
        wait_for_shards "$bucket.restored"
        influx1 "DROP DATABASE \"$bucket.restored\"" >/dev/null
        influx1 "DROP DATABASE \"$bucket\"" >/dev/null
        influxd restore -portable -host "$INFLUXDB_RPC" -db "$bucket" "$1"
        wait_for_shards "$bucket"
    else
        influx2 restore "$1"
    fi
}

# One copy for all backups: each entry tells for which state of an activity it holds, so it fits every one of them, and it
# is as large as all the rest.
copy_archive() {
    file=$state/archive/archive.db
    draft=$backups/.archive.db
    [ -f "$file" ] || return 0
    tries=0
    while :; do # while a run writes there is a log beside it, and a copy would be torn
        touch "$draft.started"
        if [ ! -e "$file-wal" ] && cp "$file" "$draft" && [ ! -e "$file-wal" ] &&
            [ -z "$(find "$file" -newer "$draft.started")" ]; then
            mv "$draft" "$backups/archive.db"
            break
        fi
        tries=$((tries + 1))
        if [ "$tries" -ge "${BACKUP_TRIES:-60}" ]; then
            say "The archive is in use, or there is no room: its copy stays as it was."
            break
        fi
        sleep 10
    done
    rm -f "$draft" "$draft.started"
}

put_archive_back() { # only where there is none: what is there is newer
    if [ -f "$backups/archive.db" ] && [ ! -e "$state/archive/archive.db" ]; then
        mkdir -p "$state/archive"
        cp "$backups/archive.db" "$state/archive/.archive.db"
        mv "$state/archive/.archive.db" "$state/archive/archive.db"
    fi
}

copy() {
    cp "$@" || {
        rm -rf "$draft"
        fail "The backup could not be written: see above. Is there room for it in $backups?"
    }
}

make() {
    [ -f "$state/sync/state.db" ] || fail "No run of the sync has ended yet: there is nothing to back up."
    name=$(date -u +%Y-%m-%dT%H%M%SZ)
    draft=$backups/.$name
    find "$backups" -mindepth 1 -maxdepth 1 -name '.20*' -mmin +1440 -exec rm -rf {} + # left by one that was killed
    said=$(mkdir "$draft" 2>&1) ||
        fail "Nothing can be written to $backups: its owner must be user $(id -u) (STACK_UID in .env). $said"
    mkdir "$draft/state" "$draft/secrets"
    # The state before the database: one that is older costs a few requests, one that is newer would leave a hole.
    copy "$state/sync/state.db" "$draft/state/meltano.db"
    if [ -d "$state/rejects" ]; then copy -R "$state/rejects" "$draft/state/"; fi
    copy "$secrets"/* "$draft/secrets/"
    if ! step copy-database "$draft/influxdb" >"$draft/log" 2>&1; then
        cat "$draft/log" >&2
        rm -rf "$draft"
        fail "The database could not be backed up: see above. Is there room for it in $backups?"
    fi
    mv "$draft" "$backups/$name"
    copy_archive
    names | tail -n "+$((keep + 1))" | while read -r old; do rm -rf "${backups:?}/$old"; done
    say "Backup $name is whole: $(du -sh "$backups/$name" | cut -f1). Kept: $(names | wc -l)."
}

wait_for_the_current_run() {
    while grep -qs '"running_since": [1-9]' "$state/sync/status.json" &&
        [ -n "$(find "$state/sync/status.json" -mmin "-$MINUTES_OF_SILENCE")" ]; do
        [ -n "${told:-}" ] || say "A sync is running: waiting for its end."
        told=yes
        sleep 1
    done
}

restore() {
    name=${1:-$(newest)}
    source=$backups/$name
    [ -n "$(newest)" ] || fail "$NONE"
    [ -d "$source/influxdb" ] || fail "There is no backup '$name'. There are: $(names | tr '\n' ' ')"
    mkdir -p "$state/sync"
    trap 'rm -f "$state/sync/hold"' EXIT
    trap 'exit 143' TERM INT
    : >"$state/sync/hold" # no run starts while it is there
    wait_for_the_current_run
    say "Restoring $name."
    # The state first, as above.
    cp "$source/state/meltano.db" "$state/meltano.db.restored"
    rm -f "$state"/meltano.db-*
    mv "$state/meltano.db.restored" "$state/meltano.db"
    put_archive_back
    if ! step put-database-back "$source/influxdb" >"$state/sync/restore.log" 2>&1; then
        cat "$state/sync/restore.log" >&2
        fail "The database could not be restored: see above. Try again; the backup itself is untouched."
    fi
    say "Restored $name. The next sync brings what has changed since then."
}

case ${1:-serve} in
serve)
    pause=
    trap '[ -z "$pause" ] || kill "$pause" || :; exit 143' TERM INT # a backup that has begun is finished, a pause is not
    say "A backup every $hours h; the newest $keep are kept."
    while :; do
        if ! is_younger_than "$((hours * 60))"; then
            step now || say "The next try is in 10 minutes."
        fi
        sleep 600 &
        pause=$!
        wait "$pause"
    done
    ;;
now) make ;;
copy-database) copy_database "$2" ;;
put-database-back) put_database_back "$2" ;;
list)
    [ -n "$(newest)" ] || say "$NONE"
    names
    ;;
restore) restore "${2:-}" ;;
healthy)
    [ -n "$(newest)" ] || fail "$NONE"
    is_younger_than "$((hours * 120))" || fail "The newest backup is older than $((hours * 2)) hours."
    ;;
*) fail "Unknown: $1. There are: serve, now, list, restore [NAME], healthy." ;;
esac
