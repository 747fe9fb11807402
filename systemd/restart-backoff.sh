#!/bin/sh
# Has a unit wait longer before each start that follows on a quick failure (docs/decisions/0039):
#   restart-backoff wait   is its ExecStartPre
#   restart-backoff note   is its ExecStopPost, told by $SERVICE_RESULT how the program ended
# In $RUNTIME_DIRECTORY, which systemd keeps over restarts and removes at a stop, `failures` has how many there were in a
# row and the second of the machine's uptime at which the last start was.
set -eu

# What ran for so long had not failed quickly.
long_enough=600

memory=$RUNTIME_DIRECTORY/failures
failures=0 started=0
[ ! -s "$memory" ] || read -r failures started < "$memory" || :
# A memory that was cut short, or that somebody wrote, would make each later turn fail, and all pauses short.
case $failures in '' | *[!0-9]* | 0?* | ??????*) failures=0 ;; esac
case $started in '' | *[!0-9]* | 0?* | ???????????*) started=0 ;; esac
read -r uptime _ < /proc/uptime
now=${uptime%%.*}

case $1 in
  wait)
    # Beside the 5 s of RestartSec=: 5, 10, 20, 40 and then 60 s.
    case $failures in
      0 | 1) delay=0 ;;
      2) delay=5 ;;
      3) delay=15 ;;
      4) delay=35 ;;
      *) delay=55 ;;
    esac
    if [ "$delay" -gt 0 ]; then
      echo "<4>failed $failures times in a row: waits for $delay s more"
      sleep "$delay"
    fi
    echo "$failures $((now + delay))" > "$memory"
    ;;
  note)
    if [ "${SERVICE_RESULT:-success}" = success ]; then
      failures=0
    elif [ $((now - started)) -ge $long_enough ]; then
      failures=1
    elif [ "$failures" -lt 99999 ]; then
      failures=$((failures + 1))
    fi
    echo "$failures $started" > "$memory"
    ;;
esac
