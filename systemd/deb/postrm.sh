#!/bin/sh
# Of both packages; @name@ is agent or collector.
set -e

if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload || true
fi

if [ "$1" = purge ]; then
  if [ -x /usr/bin/deb-systemd-helper ]; then
    deb-systemd-helper purge pgherd-@name@.service > /dev/null || true
  fi
  rm -f /etc/systemd/system/multi-user.target.wants/pgherd-@name@.service \
    /etc/systemd/system/multi-user.target.wants/pgherd-@name@@*.service
  rm -f /etc/pgherd/@name@.yaml /etc/pgherd/@name@.yaml.before /etc/pgherd/@name@-*.yaml /etc/pgherd/@name@.password
  rm -f /etc/credstore/pgherd-@name@.* /etc/credstore/pgherd-@name@-*.*
  rm -rf /var/lib/pgherd/@name@ /var/lib/pgherd/@name@-* /var/cache/pgherd/@name@ /run/pgherd/@name@
  # What is left in them belongs to the other package, or to the administrator.
  for directory in /etc/pgherd /var/lib/pgherd /var/cache/pgherd /run/pgherd; do
    rmdir "$directory" 2> /dev/null || true
  done
  # The user stays: whatever it owns elsewhere must not become somebody else's who is given its number.
fi
