#!/bin/sh
# The machine of systemd-host.ts, in a mount and a network namespace that unshare made: machine.sh NAME DIRECTORY
# DIRECTORY/files/root is its root, an overlay of ours; it is on while DIRECTORY/power is there. TERM ends it.
set -eu
name=$1 directory=$2 files=$2/files
root=$files/root

# Control groups of its own: of version 1 one in each hierarchy, else one.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  groups=/sys/fs/cgroup/pgherd-$name
else
  groups=
  for controller in cpu cpuacct memory pids blkio devices freezer systemd unified; do
    parent=/sys/fs/cgroup/$controller
    [ ! -d "$parent" ] || groups="$groups $parent/pgherd-$name"
  done
fi

empty_groups() {
  for group in $groups; do find "$group" -mindepth 1 -depth -type d -exec rmdir {} + 2> /dev/null || :; done
}
remove_groups() {
  turns=0
  for group in $groups; do
    until [ ! -e "$group" ] || [ $turns -gt 200 ]; do
      find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.02
      turns=$((turns + 1))
    done
  done
}
inner=
power_off() { [ -z "$inner" ] || kill -s KILL "$inner" 2> /dev/null || :; }
trap 'power_off; wait; remove_groups; trap - EXIT; exit 0' TERM
trap 'power_off; wait; remove_groups' EXIT

mount -t tmpfs -o mode=755,size=2g tmpfs "$files"
mkdir "$files/changed" "$files/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$files/changed,workdir=$files/work" overlay "$root"
ip link set lo up
for group in $groups; do mkdir "$group"; done

boot() {
  for group in $groups; do echo 0 > "$group/cgroup.procs"; done
  # Killed, this shell still takes everything with it.
  exec setpriv --pdeathsig KILL unshare --mount --pid --fork --uts --ipc --cgroup --kill-child sh -eu "$directory/boot.sh" "$name" "$root"
}
: > "$directory/prepared"
while :; do
  if [ -e "$directory/power" ]; then
    boot &
    inner=$!
    wait "$inner" || :
    inner=
    empty_groups
    rm -f "$directory/power"
  fi
  sleep 0.02
done
