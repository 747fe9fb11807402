/** A file system where it is mounted. */
export interface Mount {
  /** `major:minor`; of a file system that lies on no single device (btrfs, ZFS, overlay, NFS) a number of the kernel's own. */
  readonly device: string
  readonly mountpoint: string
  /** Such as `ext4`. */
  readonly type: string
  /** Such as `/dev/sda1`, the name of a pool, or `server:/path`. */
  readonly source: string
  /** Of the file system itself, with their values. */
  readonly options: ReadonlyMap<string, string>
}

/** The text of /proc/<pid>/mountinfo: proc_pid_mountinfo(5). */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, device, mountpoint, type, source, options] =
      /^\d+ \d+ (\d+:\d+) \S+ (\S+) .*? - (\S+) (\S+) (\S+)$/.exec(line) ?? []
    if (device === undefined || mountpoint === undefined || type === undefined) return []
    const pairs = (options ?? '').split(',').map((option): readonly [string, string] => {
      const at = option.indexOf('=')
      return at === -1 ? [option, ''] : [option.slice(0, at), plain(option.slice(at + 1))]
    })
    return [
      { device, mountpoint: plain(mountpoint), type, source: plain(source ?? ''), options: new Map(pairs) },
    ]
  })
}

/** The one that an absolute path without symbolic links lies on. Of several on the same point the last one is seen. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let nearest: Mount | undefined
  for (const mount of mounts) {
    const { mountpoint } = mount
    const isAbove = mountpoint === '/' || path === mountpoint || path.startsWith(`${mountpoint}/`)
    if (isAbove && mountpoint.length >= (nearest?.mountpoint.length ?? 0)) nearest = mount
  }
  return nearest
}

/** Blanks, tabs, newlines and backslashes stand there as three octal digits. */
function plain(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
}
