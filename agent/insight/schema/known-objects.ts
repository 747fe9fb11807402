import { packOids } from '../../../common/insight/packed-oids.ts'

/** A digest that no object has: of one that has to be told again. */
export const unknownDigest = 0

/** What the collector was told of one database: the digest of each object, by class and oid. */
export interface KnownObjects {
  digest(name: string, oid: number): number | undefined
  set(name: string, oid: number, digest: number): void
  remove(name: string, oid: number): void
  oids(name: string): ReadonlySet<number>
  clear(): void
  /** For a file: by class the oids and digests, packed. */
  write(): Readonly<Record<string, { readonly oids: string; readonly digests: string }>>
}

export function createKnownObjects(
  written: Readonly<Record<string, { readonly oids: Uint32Array; readonly digests: Float64Array }>> = {},
): KnownObjects {
  const classes = new Map<string, Map<number, number>>()
  const of = (name: string): Map<number, number> => {
    const found = classes.get(name) ?? new Map<number, number>()
    classes.set(name, found)
    return found
  }
  for (const [name, { oids, digests }] of Object.entries(written)) {
    const known = of(name)
    for (const [i, oid] of oids.entries()) known.set(oid, digests[i] ?? unknownDigest)
  }
  return {
    digest: (name, oid) => classes.get(name)?.get(oid),
    set: (name, oid, digest) => void of(name).set(oid, digest),
    remove: (name, oid) => void classes.get(name)?.delete(oid),
    oids: (name) => new Set(of(name).keys()),
    clear: () => classes.clear(),
    write: () =>
      Object.fromEntries(
        [...classes].map(([name, known]) => [
          name,
          {
            oids: packOids(Uint32Array.from(known.keys())),
            digests: Buffer.from(Float64Array.from(known.values()).buffer).toString('base64'),
          },
        ]),
      ),
  }
}
