import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import { readOids } from '../../../common/insight/packed-oids.ts'
import type { Log } from '../../../common/log.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { createKnownObjects, unknownDigest } from './known-objects.ts'
import type { KnownObjects } from './known-objects.ts'

/** What was told of one database, or (with the name '') of the server as a whole. */
export interface DatabaseBaseline {
  readonly oid: number
  name: string
  /** Rows of transactions as new as this one were not seen yet; undefined as long as nothing was. */
  xid: string | undefined
  /** When it was looked at last, on the agent's clock. */
  lookedMs: number
  /** When everything was told last. */
  wholeMs: number
  readonly known: KnownObjects
}

/** What was told of one server, so that what changes while the agent is down is found. */
export interface Baseline {
  /** The server that it is about: its system identifier and timeline. */
  system: string
  timeline: number
  readonly databases: Map<number, DatabaseBaseline>
}

/** Told last: its report may not have reached the disk when the agent was killed, so that it is told again. */
export interface ToldLast {
  readonly database: number
  readonly class: string
  readonly oid: number
}

const format = 1
const packed = z.object({ oids: z.string(), digests: z.string() })
const written = z.object({
  format: z.literal(format),
  system: z.string(),
  timeline: z.number(),
  databases: z.array(
    z.object({
      oid: z.number(),
      name: z.string(),
      xid: z.string().optional(),
      lookedMs: z.number(),
      wholeMs: z.number(),
      known: z.record(z.string(), packed),
    }),
  ),
  last: z.array(z.object({ database: z.number(), class: z.string(), oid: z.number() })),
})

const fileIn = (directory: string): string => join(directory, 'schema.json')

const emptyBaseline = (): Baseline => ({ system: '', timeline: 0, databases: new Map() })

/** An empty one where there is no file, or none that makes sense: then everything is told once more. Never rejects. */
export async function readBaseline(directory: string, log: Log): Promise<Baseline> {
  try {
    const { system, timeline, databases, last } = written.parse(
      JSON.parse(await readFile(fileIn(directory), 'utf8')),
    )
    const baseline: Baseline = {
      system,
      timeline,
      databases: new Map(
        databases.map(({ known, xid, ...rest }) => [
          rest.oid,
          {
            ...rest,
            xid,
            known: createKnownObjects(
              Object.fromEntries(
                Object.entries(known).map(([name, { oids, digests }]) => [
                  name,
                  { oids: readOids(oids), digests: readDigests(digests) },
                ]),
              ),
            ),
          },
        ]),
      ),
    }
    for (const { database, class: name, oid } of last) {
      baseline.databases.get(database)?.known.set(name, oid, unknownDigest)
    }
    return baseline
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') {
      log.warn({ error: messageOf(error) }, 'schema: what was told before cannot be read')
    }
    return emptyBaseline()
  }
}

/** @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
export async function writeBaseline(
  directory: string,
  { system, timeline, databases }: Baseline,
  last: readonly ToldLast[],
): Promise<void> {
  const content: z.infer<typeof written> = {
    format,
    system,
    timeline,
    databases: [...databases.values()].map(({ known, ...rest }) => ({ ...rest, known: known.write() })),
    last: [...last],
  }
  await writeFileDurably(fileIn(directory), JSON.stringify(content), 0o600)
}

function readDigests(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)))
}
