import { alignTo, enterStructArray, malformedBus, readString, readUint32, skipString } from './dbus-read.ts'
import type { BusCursor } from './dbus-read.ts'

/** systemd's name on the bus and the beginning of those of its interfaces. */
export const systemdName = 'org.freedesktop.systemd1'

/** A unit that systemd has in memory and whose file it could load. */
export interface Unit {
  readonly name: string
  readonly activeState: string
  readonly subState: string
  /** Its object on the bus. */
  readonly path: string
}

export interface UnitList {
  readonly units: readonly Unit[]
  /** All units that were listed, loaded or not, by active state. */
  readonly counts: ReadonlyMap<string, number>
}

/** What ListUnits, ListUnitsFiltered and ListUnitsByPatterns answer (org.freedesktop.systemd1(5)). */
export const unitListSignature = 'a(ssssssouso)'

/**
 * Units whose name matches a default: what runs PostgreSQL and what stands around it. Globs as systemctl takes them.
 */
export const defaultUnitPatterns: readonly string[] = [
  'postgresql*',
  'postgres*',
  'patroni*',
  'etcd*',
  'consul*',
  'haproxy*',
  'pgbouncer*',
  'keepalived*',
  'vip-manager*',
  'pgbackrest*',
  'barman*',
  'chrony*',
  'ntp*',
  'systemd-timesyncd*',
  'node_exporter*',
  'prometheus*',
  '*_exporter*',
  'pgherd*',
]

/** Longer lists are cut: no stack has so many, and a pattern of `*` must not become thousands of series. */
const maxUnits = 256

/** Unit names are at most 255 characters of a small set (systemd.unit(5)). */
const wellFormedName = /^[\w:.\\@-]{1,255}$/
/** Active states; others, which a broken peer could make up without end, are not counted. */
const activeStates: ReadonlySet<string> = new Set([
  'active',
  'reloading',
  'inactive',
  'failed',
  'activating',
  'deactivating',
  'maintenance',
  'refreshing',
])

/**
 * @param isWanted by name; undefined when systemd has already chosen
 * @throws PgherdError BAD_DATA
 */
export function readUnits(body: BusCursor, isWanted?: (name: string) => boolean): UnitList {
  const units = new Map<string, Unit>()
  const counts = new Map<string, number>()
  const end = enterStructArray(body)
  while (body.at < end) {
    alignTo(body, 8)
    const name = readString(body)
    skipString(body) // Its description.
    const loadState = readString(body)
    const activeState = readString(body)
    const subState = readString(body)
    skipString(body) // The unit that this one follows.
    const path = readString(body)
    readUint32(body) // Its job: number, type, object.
    skipString(body)
    skipString(body)
    if (activeStates.has(activeState)) counts.set(activeState, (counts.get(activeState) ?? 0) + 1)
    if (loadState !== 'loaded' || isWanted?.(name) === false) continue
    if (!wellFormedName.test(name)) throw malformedBus('a unit has an impossible name')
    units.set(name, { name, activeState, subState, path })
  }
  if (body.at !== end) throw malformedBus('a list ends inside an element')
  const sorted = [...units.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { units: sorted.slice(0, maxUnits), counts }
}

/** Says whether a name matches one of the globs: `*`, `?` and `[...]` as in fnmatch(3). */
export function unitMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern.replaceAll(/\[!?[^\]]+\]|[^]/g, (part) => {
      if (part === '*') return '.*'
      if (part === '?') return '.'
      if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
      return part.replace(/[\\^$.|+()[\]{}]/, '\\$&')
    })
    return new RegExp(`^${source}$`, 's')
  })
  return (name) => expressions.some((expression) => expression.test(name))
}
