import type { KernelFiles } from './kernel-files.ts'

/** Version 1 says so where there is no limit: the largest number of pages that fits. */
export const unlimitedBytes = 2 ** 62

/** Where a process' cgroup of one hierarchy lies. */
export interface CgroupPlace {
  readonly version: 1 | 2
  /** As /proc/<pid>/cgroup says it. */
  readonly path: string
  /** Its directory and those above it that can be seen from here, itself first; without a slash in front. */
  readonly directories: readonly string[]
}

/** The place of a controller; in a mixed setup most controllers are of version 1 and the rest of version 2. */
export type PlaceOf = (controller: string) => CgroupPlace | undefined

interface Hierarchy {
  readonly version: 1 | 2
  /** Of version 1: those that this hierarchy has. */
  readonly controllers: readonly string[]
  /** The cgroup that is seen at the mount point: in a container not the topmost one. */
  readonly mountRoot: string
  readonly mountpoint: string
}

/**
 * Finds the cgroups of a process.
 * @param cgroup the text of /proc/<pid>/cgroup (cgroups(7)): `hierarchy:controllers:path` per line
 */
export function placesOf(cgroup: string, files: KernelFiles): PlaceOf {
  const hierarchies = readHierarchies(files)
  const placeIn = (version: 1 | 2, controller: string, path: string): CgroupPlace | undefined => {
    for (const hierarchy of hierarchies) {
      if (hierarchy.version !== version) continue
      if (version === 1 && !hierarchy.controllers.includes(controller)) continue
      const below = pathBelow(path, hierarchy.mountRoot)
      if (below === undefined) continue
      return { version, path, directories: upwards(hierarchy.mountpoint, below) }
    }
    return undefined
  }
  const lines = cgroup.split('\n').map((line) => /^(\d+):([^:]*):(\/.*)$/.exec(line))
  return (controller) => {
    const first = lines.find((line) => line?.[2]!.split(',').includes(controller))
    if (first) return placeIn(1, controller, first[3]!)
    const second = lines.find((line) => line?.[1] === '0' && line[2] === '')
    return second ? placeIn(2, controller, second[3]!) : undefined
  }
}

/** The cgroup mounts of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
function readHierarchies(files: KernelFiles): readonly Hierarchy[] {
  const hierarchies: Hierarchy[] = []
  for (const lines of files.lines('proc/self/mountinfo')) {
    for (const line of lines) {
      const [, mountRoot, mountpoint, second, options] =
        /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup(2?) \S+ (\S+)$/.exec(line) ?? []
      if (mountRoot === undefined || mountpoint === undefined || options === undefined) continue
      hierarchies.push({
        version: second === '2' ? 2 : 1,
        controllers: options.split(','),
        mountRoot,
        mountpoint,
      })
    }
  }
  return hierarchies
}

/** A path as it is seen below the root of a mount; undefined if it lies outside of it, or of this namespace. */
function pathBelow(path: string, mountRoot: string): string | undefined {
  if (path.split('/').includes('..')) return undefined
  if (mountRoot === '/') return path
  if (path === mountRoot) return '/'
  return path.startsWith(`${mountRoot}/`) ? path.slice(mountRoot.length) : undefined
}

function upwards(mountpoint: string, path: string): readonly string[] {
  const directories: string[] = []
  const steps = path.split('/').filter((step) => step !== '')
  for (let depth = steps.length; depth >= 0; depth--) {
    directories.push([mountpoint.slice(1), ...steps.slice(0, depth)].join('/'))
  }
  return directories
}

/** The tightest limit that is set in one of the directories; `max` and -1 are none. */
export function tightestLimit(
  directories: readonly string[],
  read: (at: string) => number | undefined,
): number | undefined {
  let limit: number | undefined
  for (const at of directories) {
    const own = read(at)
    if (own !== undefined && own >= 0 && own < unlimitedBytes && (limit === undefined || own < limit))
      limit = own
  }
  return limit
}
