#!/bin/sh
# Installs pgherd-@name@ on a Linux with glibc that has no dpkg, removes it, or removes all of it:
#   ./install.sh              installs, or replaces what an earlier one has installed
#   ./install.sh --uninstall  removes the programs; configuration and state stay
#   ./install.sh --purge      removes configuration and state as well
# It stays on the host as /usr/lib/pgherd/@name@/install.sh.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
library=/usr/lib/pgherd/@name@
unit=pgherd-@name@.service

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

has_systemd() { [ -d /run/systemd/system ]; }

check_host() {
  [ "$(id -u)" = 0 ] || fail 'has to run as root'
  [ ! -e /var/lib/dpkg/info/pgherd-@name@.list ] || fail 'pgherd-@name@ is installed as a Debian package: use apt'
}

make_user() {
  if command -v systemd-sysusers > /dev/null; then
    systemd-sysusers pgherd-@name@.conf
  elif ! id pgherd-@name@ > /dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir "/var/lib/pgherd/@name@" \
      --shell "$(command -v nologin || echo /bin/false)" pgherd-@name@ || fail 'the user pgherd-@name@ cannot be made'
  fi
}

put_files() {
  while read -r path; do
    mkdir -p "/$(dirname "$path")"
    # A new file in place of the old one: what runs keeps what it has.
    cp -p "$here/files/$path" "/$path.new"
    chown 0:0 "/$path.new"
    mv -f "/$path.new" "/$path"
  done < "$here/files/usr/lib/pgherd/@name@/files.list"
}

remove_files() {
  while read -r path; do
    rm -f "/$path"
    dirname "$path"
  done < "$1" | sort -ru |
    while read -r directory; do
      # Whatever is empty now, up to where something is left.
      (cd / && rmdir -p "$directory" 2> /dev/null) || true
    done
}

install_all() {
  [ -x "$here/files/usr/lib/pgherd/@name@/bin/node" ] || fail 'the files to install are not beside this script'
  "$here/files/usr/lib/pgherd/@name@/bin/node" --version > /dev/null ||
    fail 'the runtime does not run here: it needs glibc 2.28 or later, libstdc++, and the processor that it was made for'
  umask 022
  new=$here/files/usr/lib/pgherd/@name@/files.list
  first=yes
  if [ -e "$library/files.list" ]; then
    first=no
    stale=$(mktemp)
    grep -vxF -f "$new" "$library/files.list" > "$stale" || true
    put_files
    remove_files "$stale"
    rm -f "$stale"
  else
    put_files
  fi
  make_user
  mkdir -p /etc/pgherd /var/lib/pgherd
  if [ ! -d /var/lib/pgherd/@name@ ]; then
    mkdir -m 0750 /var/lib/pgherd/@name@
    chown pgherd-@name@:pgherd-@name@ /var/lib/pgherd/@name@
  fi
  if command -v restorecon > /dev/null; then restorecon -R "$library" /usr/bin/pgherd-@name@ || true; fi
  if has_systemd; then
    systemctl daemon-reload
    if [ $first = no ]; then
      systemctl try-restart "$unit" "pgherd-@name@@*.service"
    elif [ -e /etc/pgherd/@name@.yaml ]; then
      systemctl enable --now "$unit"
    fi
  fi
  [ -e /etc/pgherd/@name@.yaml ] ||
    echo "installed; an example of /etc/pgherd/@name@.yaml is in /usr/share/doc/pgherd-@name@/examples"
}

uninstall() {
  [ -e "$library/files.list" ] || fail 'pgherd-@name@ is not installed'
  if has_systemd; then
    systemctl disable --now "$unit" || true
    systemctl stop "pgherd-@name@@*.service" || true
  fi
  list=$(mktemp)
  cat "$library/files.list" > "$list"
  remove_files "$list"
  rm -f "$list"
  if has_systemd; then systemctl daemon-reload; fi
}

purge() {
  [ ! -e "$library/files.list" ] || uninstall
  rm -f /etc/systemd/system/multi-user.target.wants/pgherd-@name@.service \
    /etc/systemd/system/multi-user.target.wants/pgherd-@name@@*.service
  rm -f /etc/pgherd/@name@.yaml /etc/pgherd/@name@.yaml.before /etc/pgherd/@name@-*.yaml /etc/pgherd/@name@.password
  rm -f /etc/credstore/pgherd-@name@.* /etc/credstore/pgherd-@name@-*.*
  rm -rf /var/lib/pgherd/@name@ /var/lib/pgherd/@name@-* /var/cache/pgherd/@name@ /run/pgherd/@name@
  rmdir /etc/pgherd /var/lib/pgherd /var/cache/pgherd /run/pgherd 2> /dev/null || true
}

case ${1:-} in
  '') check_host && install_all ;;
  --uninstall) check_host && uninstall ;;
  --purge) check_host && purge ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0"
    [ "$1" = --help ] || exit 2
    ;;
esac
