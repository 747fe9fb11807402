import { orNothing } from '../../common/or-nothing.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { linesOf } from './table.ts'

export interface Mount {
  readonly device: string
  readonly mountpoint: string
  readonly type: string
  readonly readOnly: boolean
  /** Its server may be away, and then a system call on it does not return. */
  readonly remote: boolean
}

const ignoredPoints =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/
const ignoredTypes =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$/
const remoteTypes = /^(nfs\d?|cifs|smb\d?|ceph|9p|afs|lustre|glusterfs|ocfs2|gfs2|fuse|fuse\..+)$/

/**
 * The mounts of /proc/self/mounts that hold data. Where several lie on one point, the last one is visible. An
 * overlay is one container's view of other mounts, except as root: there it is the disk of this machine.
 */
export function parseMounts(text: string): readonly Mount[] {
  const byPoint = new Map<string, Mount>()
  for (const line of linesOf(text)) {
    // At blanks alone: to JavaScript a no-break space or a form feed in a name would be one too.
    const [device, mountpoint, type, options] = line.split(' ').map(unescape)
    if (device === undefined || mountpoint === undefined || type === undefined) continue
    byPoint.delete(mountpoint)
    const containerRoot = type === 'overlay' && mountpoint === '/'
    if (ignoredPoints.test(mountpoint) || (ignoredTypes.test(type) && !containerRoot)) continue
    byPoint.set(mountpoint, {
      device,
      mountpoint,
      type,
      readOnly: (options ?? '').split(',').includes('ro'),
      remote: remoteTypes.test(type),
    })
  }
  return [...byPoint.values()]
}

/** Blanks, tabs, newlines and backslashes stand there as three octal digits (getmntent(3)). */
function unescape(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
}

/**
 * Reads the mounts of this host; they seldom change, and then only are taken apart again. Those of process 1 where its
 * root is ours: a service that is hardened sees all of the host read-only, and mounts that only it has
 * (ProtectSystem= in systemd.exec(5)). In a container that shares the processes of its host, the root differs.
 */
export function createMountsReader(files: KernelFiles): () => readonly Mount[] {
  let before: readonly [own: string, first: string | undefined] | undefined
  let mounts: readonly Mount[] = []
  return () => {
    const own = files.read('proc/self/mounts', 'utf8')
    const first = orNothing(() => files.read('proc/1/mounts', 'utf8'))
    if (own !== before?.[0] || first !== before[1]) {
      mounts = parseMounts(first !== undefined && rootOf(first) === rootOf(own) ? first : own)
      before = [own, first]
    }
    return mounts
  }
}

/** Device and type of what is mounted at /, of which the last line counts. */
function rootOf(text: string): string | undefined {
  const fields = linesOf(text).map((line) => line.split(' '))
  const root = fields.findLast(([, mountpoint]) => mountpoint === '/')
  return root && `${root[0]} ${root[2]}`
}
