# Run in a mount namespace of its own: enter-root.sh ROOT COMMAND..., which becomes the command with ROOT as its root.
set -eu
root=$1
shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
exec chroot "$root" "$@"
