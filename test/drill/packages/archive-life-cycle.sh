# Run in a root whose /packages has the archives of two releases, 0.0.1 and 0.0.2. Prints what a person would look at, one line each.
set -eu
cd /packages
for file in *.tar.gz; do tar -xzf "$file"; done
# As on a host of another distribution; the collector finds no systemd-sysusers, either.
rm -f /usr/bin/dpkg* /usr/bin/deb-systemd-*
files() { find / -xdev \( -path /proc -o -path /run -o -path /packages \) -prune -o -print | sort; }
files > before

pgherd-agent-0.0.1/install.sh > log
mv /usr/bin/systemd-sysusers sysusers
pgherd-collector-0.0.1/install.sh >> log
mv sysusers /usr/bin/systemd-sysusers
echo "installed $(pgherd-agent --version) $(pgherd-collector --version) $(agentctl --version)"
echo "hints $(cut -d ';' -f 1 log | tr '\n' ' ')"
echo "users $(getent passwd pgherd-agent pgherd-collector | cut -d : -f 1,6,7 | tr '\n' ' ')"
echo "state $(stat -c '%U:%G:%a' /var/lib/pgherd/agent /var/lib/pgherd/collector | tr '\n' ' ')"

# Of an earlier release, and not of the next one.
for name in agent collector; do
  echo "# of $name" > /etc/pgherd/$name.yaml
  echo $name > /var/lib/pgherd/$name/kept
  mkdir /usr/lib/pgherd/$name/old
  touch /usr/lib/pgherd/$name/old/old.mjs
  echo usr/lib/pgherd/$name/old/old.mjs >> /usr/lib/pgherd/$name/files.list
  pgherd-$name-0.0.2/install.sh
done
kept() { cat /etc/pgherd/*.yaml /var/lib/pgherd/*/kept | tr '\n' ';'; }
echo "upgraded $(pgherd-agent --version) $(pgherd-collector --version) $(kept)"
echo "stale $(find / -xdev -path /proc -prune -o -path /packages -prune -o \( -name old.mjs -o -path '/usr/*.new' \) -print)"
files > first
for name in agent collector; do pgherd-$name-0.0.2/install.sh; done
files > second
echo "installed again $(pgherd-agent --version) $(diff first second)"

# Both by the script that stays on the host.
/usr/lib/pgherd/agent/install.sh --uninstall
echo "without the agent $(ls /usr/lib/pgherd) $(agentctl --version) $(kept)"
/usr/lib/pgherd/collector/install.sh --uninstall
echo "removed $(ls -d /usr/lib/pgherd 2> /dev/null) $(kept)"
pgherd-agent-0.0.2/install.sh
/usr/lib/pgherd/agent/install.sh --purge
echo "purged the agent $(ls /etc/pgherd /var/lib/pgherd | tr '\n' ' ')"
pgherd-collector-0.0.2/install.sh --purge
files > after
echo "residue $(diff before after | grep '^[<>]' | tr '\n' ' ')"
