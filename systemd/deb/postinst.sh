#!/bin/sh
# Of both packages; @name@ is agent or collector.
set -e

unit=pgherd-@name@.service

if [ "$1" = configure ] || [ "$1" = abort-upgrade ] || [ "$1" = abort-remove ]; then
  systemd-sysusers pgherd-@name@.conf
  systemd-tmpfiles --create pgherd-@name@.conf || true
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload || true
  fi
  # Without a configuration there is nothing to start, and no failed unit is left to be seen.
  if [ -e /etc/pgherd/@name@.yaml ]; then
    if [ -z "$2" ] || [ -e /run/pgherd-@name@.installed ]; then
      deb-systemd-helper enable "$unit" > /dev/null || true
      if [ -d /run/systemd/system ]; then
        deb-systemd-invoke start "$unit" || true
      fi
    elif [ -d /run/systemd/system ]; then
      # What was stopped by hand stays so.
      deb-systemd-invoke try-restart "$unit" || true
    fi
  fi
  rm -f /run/pgherd-@name@.installed
  if [ -n "$2" ] && [ -d /run/systemd/system ]; then
    systemctl try-restart 'pgherd-@name@@*.service' || true
  fi
fi
