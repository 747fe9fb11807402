import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'

/** PostgreSQL's own list of the files of a backup. */
export interface Manifest {
  /** By path, whose bytes are as latin1, because not every name is UTF-8. */
  readonly files: ReadonlyMap<string, ManifestFile>
  /** LSNs such as `0/2000028`. */
  readonly ranges: readonly { readonly timeline: number; readonly start: string; readonly end: string }[]
  readonly sizeBytes: number
}

export interface ManifestFile {
  readonly size: number
  /** SHA-256, hexadecimal. */
  readonly sha256: string
}

/** That of a million files is 150 MB. */
const mostBytes = 512 * 2 ** 20

const file = z.object({
  Path: z.string().optional(),
  'Encoded-Path': z.string().optional(),
  Size: z.number(),
  'Checksum-Algorithm': z.literal('SHA256'),
  Checksum: z.string().length(64),
})
const schema = z.object({
  Files: z.array(file),
  'WAL-Ranges': z
    .array(z.object({ Timeline: z.int(), 'Start-LSN': z.string(), 'End-LSN': z.string() }))
    .min(1),
})

/**
 * Reads and proves it by its own checksum, which is over all that stands before.
 * @see https://www.postgresql.org/docs/current/backup-manifest-format.html
 * @throws BackupFailure checksum
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, 'backup_manifest')
  try {
    const { size } = await stat(path)
    if (size > mostBytes) throw new Error(`it has ${size} bytes`)
    const bytes = await readFile(path)
    const at = bytes.lastIndexOf('"Manifest-Checksum"')
    const told = /^"Manifest-Checksum": "([0-9a-f]{64})"/.exec(
      bytes.subarray(Math.max(0, at)).toString(),
    )?.[1]
    if (createHash('sha256').update(bytes.subarray(0, at)).digest('hex') !== told) {
      throw new Error('it is not as PostgreSQL wrote it')
    }
    return manifestOf(schema.parse(JSON.parse(bytes.toString())))
  } catch (error) {
    throw new BackupFailure('checksum', `${path} cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

function manifestOf(read: z.infer<typeof schema>): Manifest {
  const files = new Map(
    read.Files.map((one) => {
      const encoded = one['Encoded-Path']
      const bytes = encoded === undefined ? Buffer.from(one.Path ?? '', 'utf8') : Buffer.from(encoded, 'hex')
      const path = bytes.toString('latin1')
      return [path, { size: one.Size, sha256: one.Checksum }] as const
    }),
  )
  return {
    files,
    ranges: read['WAL-Ranges'].map((one) => ({
      timeline: one.Timeline,
      start: one['Start-LSN'],
      end: one['End-LSN'],
    })),
    sizeBytes: read.Files.reduce((sum, { Size }) => sum + Size, 0),
  }
}
