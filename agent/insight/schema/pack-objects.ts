import { deflateRawSync } from 'node:zlib'
import { maxPackedObjects, maxUnpackedObjects } from '../../../common/insight/schema-changes.ts'
import type { ToldObject } from '../../../common/insight/schema-changes.ts'

/**
 * Objects as they travel, in as many parts as their size needs; one that alone is too large loses its longest facts.
 */
export function packObjects(objects: readonly ToldObject[]): readonly string[] {
  if (objects.length === 0) return []
  const json = JSON.stringify(objects)
  const packed = json.length <= maxUnpackedObjects ? deflateRawSync(json).toString('base64') : undefined
  if (packed !== undefined && packed.length <= maxPackedObjects) return [packed]
  const [only] = objects
  if (objects.length === 1 && only !== undefined) return packObjects([withoutLongest(only)])
  const half = objects.length >> 1
  return [...packObjects(objects.slice(0, half)), ...packObjects(objects.slice(half))]
}

function withoutLongest(object: ToldObject): ToldObject {
  const entries = Object.entries(object.facts).sort(([, a], [, b]) => a.length - b.length)
  const kept = Math.floor(entries.length / 2)
  const cut = entries.slice(kept).map(([name]): [string, string] => [name, '(too long)'])
  return { ...object, facts: Object.fromEntries([...entries.slice(0, kept), ...cut.slice(0, 1)]) }
}
