import { z } from 'zod'
import { PgherdError } from '../errors.ts'

const count = z.number().nullish()
const lock = z.object({ held: z.boolean().nullish(), size: count, 'size-cplt': count }).nullish()
/** `repo-key` came with version 2.32; pgbackrest_exporter says 0 before. */
const databaseKey = z.object({ id: z.number(), 'repo-key': z.number().default(0) })
const range = z.object({ start: z.string().nullish(), stop: z.string().nullish() }).nullish()

const backupSchema = z.object({
  annotation: z.record(z.string(), z.unknown()).nullish(),
  archive: range,
  backrest: z.object({ version: z.string() }).nullish(),
  database: databaseKey,
  error: z.boolean().nullish(),
  info: z.object({
    delta: z.number(),
    repository: z.object({ delta: count, 'delta-map': count, size: count, 'size-map': count }).nullish(),
    size: z.number(),
  }),
  label: z.string(),
  lsn: range,
  prior: z.string().nullish(),
  reference: z.array(z.string()).nullish(),
  timestamp: z.object({ start: z.number(), stop: z.number() }),
  type: z.string(),
})

const stanzaSchema = z.object({
  archive: z
    .array(
      z.object({
        database: databaseKey,
        id: z.string().nullish(),
        max: z.string().nullish(),
        min: z.string().nullish(),
      }),
    )
    .default([]),
  backup: z.array(backupSchema).default([]),
  cipher: z.string().nullish(),
  db: z
    .array(
      databaseKey.extend({
        /** More than 2^53 as a rule, and so made text before the JSON is read. */
        'system-id': z.string().nullish(),
        version: z.string(),
      }),
    )
    .default([]),
  name: z.string(),
  repo: z
    .array(
      z.object({
        cipher: z.string().nullish(),
        key: z.number(),
        status: z.object({ code: z.number(), message: z.string().nullish() }),
      }),
    )
    .default([]),
  status: z.object({
    code: z.number(),
    lock: z.object({ backup: lock, restore: lock }).nullish(),
    message: z.string().nullish(),
  }),
})

export type Backup = z.output<typeof backupSchema>
export type Stanza = z.output<typeof stanzaSchema>

/** Within a text of JSON its quotes would be escaped. */
const systemId = /("system-id":\s*)(\d+)/g

/** Parts of files that cannot be decrypted are in messages as they are. */
const control = /\p{Cc}/gu

/**
 * Reads the answer of `pgbackrest info --output=json`, of version 2.26 or later. Keys that are not known are
 * ignored, those that came with later versions may be missing.
 * @throws PgherdError BAD_DATA with the place of what does not fit
 * @see https://pgbackrest.org/command.html#command-info
 */
export function parseInfo(text: string): readonly Stanza[] {
  let value: unknown
  try {
    value = JSON.parse(text.replaceAll(systemId, '$1"$2"').replaceAll(control, ' '))
  } catch (error) {
    throw new PgherdError('BAD_DATA', 'what pgbackrest answered is no JSON', { cause: error })
  }
  const result = z.array(stanzaSchema).safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue?.path.join('.') ?? ''
  throw new PgherdError(
    'BAD_DATA',
    `what pgbackrest answered does not fit at ${place}: ${issue?.message ?? ''}`,
  )
}
