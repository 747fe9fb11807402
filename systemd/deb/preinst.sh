#!/bin/sh
# Of both packages; @name@ is agent or collector.
set -e

# After a removal postinst is told a former version as at an upgrade, but nothing runs that could be restarted.
if [ "$1" = install ] && [ -d /run/systemd/system ]; then
  touch /run/pgherd-@name@.installed
fi
