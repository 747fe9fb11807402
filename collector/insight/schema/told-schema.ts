import { inflateRawSync } from 'node:zlib'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { maxUnpackedObjects, schemaChanges, toldObjects } from '../../../common/insight/schema-changes.ts'
import type { SchemaChanges, ToldObject } from '../../../common/insight/schema-changes.ts'

export interface ToldSchema {
  readonly report: SchemaChanges
  readonly objects: readonly ToldObject[]
}

/** @throws PgherdError BAD_DATA for what no agent sends */
export function readToldSchema(body: unknown): ToldSchema {
  const parsed = schemaChanges.safeParse(body)
  if (!parsed.success) throw new PgherdError('BAD_DATA', 'a report of schema changes has the wrong shape')
  const report = parsed.data
  if (report.objects === '') return { report, objects: [] }
  try {
    const packed = Buffer.from(report.objects, 'base64')
    const json = inflateRawSync(packed, { maxOutputLength: maxUnpackedObjects }).toString('utf8')
    return { report, objects: toldObjects.parse(JSON.parse(json)) }
  } catch (error) {
    throw new PgherdError('BAD_DATA', `objects of a schema cannot be unpacked: ${messageOf(error)}`)
  }
}
