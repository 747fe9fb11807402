#!/bin/sh
# Of both packages; @name@ is agent or collector.
set -e

# An upgrade restarts afterwards, so that nothing is missed meanwhile.
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop pgherd-@name@.service || true
  systemctl stop 'pgherd-@name@@*.service' || true
fi
