import { findOid } from '../../../common/insight/index-columns.ts'
import { packOids } from '../../../common/insight/packed-oids.ts'

/** A digest that no object has: of one that has to be told again. */
export const unknownDigest = 0

/** What the collector was told of one database: the digest of each object, by class and oid. */
export interface KnownObjects {
  digest(name: string, oid: number): number | undefined
  set(name: string, oid: number, digest: number): void
  remove(name: string, oid: number): void
  /** Sorted; not to be changed. */
  oids(name: string): Uint32Array
  clear(): void
  /** For a file: by class the oids and digests, packed. */
  write(): Readonly<Record<string, { readonly oids: string; readonly digests: string }>>
}

/** Columns of 12 bytes per object, sorted by oid; those in a map would take six times as much. */
interface Columns {
  oids: Uint32Array
  digests: Float64Array
  /** What has changed since, by oid: undefined where it is gone. */
  readonly changed: Map<number, number | undefined>
}

/** Changes that are put among the columns together, because that copies them all. */
const mostChanged = 1_000

export function createKnownObjects(
  written: Readonly<Record<string, { readonly oids: Uint32Array; readonly digests: Float64Array }>> = {},
): KnownObjects {
  const classes = new Map<string, Columns>()
  const of = (name: string): Columns => {
    const found = classes.get(name) ?? {
      ...{ oids: new Uint32Array(0), digests: new Float64Array(0) },
      changed: new Map<number, number | undefined>(),
    }
    classes.set(name, found)
    return found
  }
  const change = (name: string, oid: number, digest: number | undefined): void => {
    const columns = of(name)
    columns.changed.set(oid, digest)
    if (columns.changed.size >= mostChanged) settle(columns)
  }
  for (const [name, { oids, digests }] of Object.entries(written)) {
    const columns = of(name)
    for (let i = 0; i < oids.length; i++) columns.changed.set(oids[i]!, digests[i] ?? unknownDigest)
    settle(columns)
  }
  return {
    digest(name, oid) {
      const { changed, oids, digests } = of(name)
      if (changed.has(oid)) return changed.get(oid)
      const at = findOid(oids, oid)
      return at < 0 ? undefined : digests[at]
    },
    set: change,
    remove: (name, oid) => change(name, oid, undefined),
    oids: (name) => settle(of(name)).oids,
    clear: () => classes.clear(),
    write: () =>
      Object.fromEntries(
        [...classes].map(([name, columns]) => {
          const { oids, digests } = settle(columns)
          return [name, { oids: packOids(oids), digests: Buffer.from(digests.buffer).toString('base64') }]
        }),
      ),
  }
}

/** Puts what has changed among the rest. */
function settle(columns: Columns): Columns {
  const { oids, digests, changed } = columns
  if (changed.size === 0) return columns
  const news = Uint32Array.from(changed.keys()).sort()
  const merged = {
    oids: new Uint32Array(oids.length + news.length),
    digests: new Float64Array(oids.length + news.length),
  }
  let count = 0
  const put = (oid: number, digest: number | undefined): void => {
    if (digest === undefined) return
    merged.oids[count] = oid
    merged.digests[count++] = digest
  }
  let old = 0
  for (const oid of news) {
    // All before it as they are: outside of JavaScript.
    const from = old
    while (old < oids.length && oids[old]! < oid) old++
    merged.oids.set(oids.subarray(from, old), count)
    merged.digests.set(digests.subarray(from, old), count)
    count += old - from
    if (oids[old] === oid) old++
    put(oid, changed.get(oid))
  }
  merged.oids.set(oids.subarray(old), count)
  merged.digests.set(digests.subarray(old), count)
  count += oids.length - old
  columns.oids = merged.oids.slice(0, count)
  columns.digests = merged.digests.slice(0, count)
  changed.clear()
  return columns
}
