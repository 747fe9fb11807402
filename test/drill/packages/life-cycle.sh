# Run in a mount namespace of its own: life-cycle.sh ROOT FIRST SECOND, in which the directories FIRST and SECOND have the packages of
# two releases. Prints what a person would look at, one line each.
set -eu
root=$1
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
inside() { chroot "$root" env SSL_CERT_FILE= NODE_EXTRA_CA_CERTS= "$@"; }
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./run -o -path ./packages \) -prune -o -print | sort); }

mkdir "$root/packages"
cp "$2"/*.deb "$root/packages"
files > "$root/packages/before"
inside sh -c 'dpkg -i /packages/*.deb' > "$root/packages/log" 2>&1 || { cat "$root/packages/log"; exit 1; }
echo "installed $(inside pgherd-agent --version) $(inside pgherd-collector --version) $(inside agentctl --version)"
echo "users $(inside id -un pgherd-agent) $(inside id -un pgherd-collector)"
echo "state $(inside stat -c '%U:%a' /var/lib/pgherd/agent /var/lib/pgherd/collector | tr '\n' ' ')"
for name in agent collector; do
  echo "# of $name" > "$root/etc/pgherd/$name.yaml"
  echo "$name" > "$root/var/lib/pgherd/$name/kept"
done
kept() {
  cat "$root/etc/pgherd/agent.yaml" "$root/etc/pgherd/collector.yaml" "$root/var/lib/pgherd/agent/kept" \
    "$root/var/lib/pgherd/collector/kept" | tr '\n' ';'
}
rm "$root"/packages/*.deb
cp "$3"/*.deb "$root/packages"
inside sh -c 'dpkg -i /packages/*.deb' > "$root/packages/log" 2>&1 || { cat "$root/packages/log"; exit 1; }
echo "upgraded $(inside pgherd-agent --version) $(kept)"
inside dpkg -r pgherd-agent pgherd-collector > /dev/null 2>&1
echo "removed $(ls "$root/usr/lib/pgherd" 2> /dev/null) $(kept)"
inside dpkg -P pgherd-agent pgherd-collector > /dev/null 2>&1
files > "$root/packages/after"
echo "residue $(diff "$root/packages/before" "$root/packages/after" | grep '^[<>]' | tr '\n' ' ')"
