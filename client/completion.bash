# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
# Completion of bgtaskctl for bash. Commands and options come from its own help text, and tasks, runs and schedules from the
# daemon, so that nothing is listed here that is a row of a table elsewhere.

_bgtaskctl_commands() {
        bgtaskctl --help 2>/dev/null | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+( [a-z]+)?)  .*/\1/p'
}

_bgtaskctl_options() {
        bgtaskctl "$@" --help 2>/dev/null | sed -nE 's/^  (-., |    )(--[a-z-]+=?).*/\2/p'
}

# A column of a table that the daemon's answer is shown in; a daemon that does not answer at once has none.
_bgtaskctl_column() {
        local column=$1
        shift
        bgtaskctl --timeout=1s "${instance[@]}" "$@" 2>/dev/null | awk -v column="$column" 'NR > 1 { print $column }'
}

_bgtaskctl() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word i
        local -a instance=() operands=() candidates=()
        COMPREPLY=()

        # bash splits "--option=value" into three words.
        if [ "$current" = "=" ]; then
                current=
        elif [ "$previous" = "=" ]; then
                previous=${COMP_WORDS[COMP_CWORD - 2]}
        fi

        for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                case $word in
                --user | --system) instance+=("$word") ;;
                --socket | -s)
                        [ "${COMP_WORDS[i + 1]}" != "=" ] || ((i++))
                        instance+=("--socket=${COMP_WORDS[++i]}")
                        ;;
                --timeout | --key | --task | --schedule | --state | --limit | --every | --zone | --gap | --overlap | --except | --seed | \
                        --from | --until | --to | --iterations | --on-calendar | --cron | --duration | --max-running | --file | \
                        --catch-up | --property | --why | --count | \
                        -k | -t | -n | -z | -p)
                        [ "${COMP_WORDS[i + 1]}" != "=" ] || ((i++))
                        ((i++))
                        ;;
                -*) ;;
                *) operands+=("$word") ;;
                esac
        done
        local -a command=("${operands[0]}") arguments=("${operands[@]:1}")
        if [ "${operands[0]}" = schedule ] && [ ${#operands[@]} -gt 1 ]; then
                command+=("${operands[1]}")
                arguments=("${operands[@]:2}")
        fi

        case $previous in
        --socket | -s)
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
        --task | -t) mapfile -t candidates < <(_bgtaskctl_column 1 tasks) ;;
        --schedule) mapfile -t candidates < <(_bgtaskctl_column 1 schedule list) ;;
        --state) candidates=(queued starting running finished held cancelled interrupted lost) ;;
        --gap) candidates=(run-after skip shift) ;;
        --overlap)
                candidates=(skip buffer-one buffer-all cancel-other terminate-other allow)
                [ "${command[0]}" != calendar ] || candidates=(first second both)
                ;;
        --duration) candidates=(p50 p95 max) ;;
        --file)
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
        --catch-up) candidates=(last none all) ;;
        --zone | -z) mapfile -t candidates < <(awk '!/^#/ { print $3 }' /usr/share/zoneinfo/zone1970.tab 2>/dev/null) ;;
        --timeout | --key | --limit | --every | --except | --seed | --from | --until | --to | --iterations | --on-calendar | \
                --cron | --max-running | --property | --why | --count | -k | -n | -p) return ;;
        *)
                _bgtaskctl_candidates
                ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "${candidates[*]}" -- "$current")
        [ ${#COMPREPLY[@]} -ne 1 ] || [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

# What may stand where no option waits for its value. Uses the variables of its caller.
_bgtaskctl_candidates() {
        if [ ${#operands[@]} -eq 0 ]; then
                mapfile -t candidates < <(_bgtaskctl_commands | cut -d' ' -f1 | sort -u)
                [[ $current != -* ]] || mapfile -t candidates < <(_bgtaskctl_options)
                return
        fi
        # What follows the name of the task to run is the task's.
        if [ "${command[0]}" = run ] && [ ${#arguments[@]} -gt 0 ]; then
                mapfile -t candidates < <(compgen -f -- "$current")
                return
        fi
        if [[ $current == -* ]]; then
                mapfile -t candidates < <(_bgtaskctl_options "${command[@]}")
                return
        fi
        case "${command[*]} ${#arguments[@]}" in
        "help 0") mapfile -t candidates < <(_bgtaskctl_commands | cut -d' ' -f1 | sort -u) ;;
        "schedule 0" | "help 1") mapfile -t candidates < <(_bgtaskctl_commands | sed -n 's/^schedule //p') ;;
        "run 0" | "schedule add 1") mapfile -t candidates < <(_bgtaskctl_column 1 tasks) ;;
        calendar\ *) candidates=(minutely hourly daily weekly monthly quarterly semiannually yearly) ;;
        "task 0") mapfile -t candidates < <(_bgtaskctl_column 1 tasks) ;;
        verify\ *) mapfile -t candidates < <(compgen -f -- "$current") ;;
        "show 0" | "logs 0" | "wait 0") mapfile -t candidates < <(_bgtaskctl_column 1 list) ;;
        "cancel 0")
                mapfile -t candidates < <(
                        for word in queued held starting running; do
                                _bgtaskctl_column 1 list --state=$word
                        done
                )
                ;;
        "schedule remove 0" | "schedule edit 0" | "schedule show 0" | "schedule pause 0" | "schedule resume 0" | "schedule run 0" | \
                "schedule backfill 0" | "why 0" | "audit 0" | next\ * | simulate\ *) mapfile -t candidates < <(_bgtaskctl_column 1 schedule list) ;;
        esac
}

complete -F _bgtaskctl bgtaskctl
