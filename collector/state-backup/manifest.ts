import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'

export const manifestName = 'manifest.json'
/** Below which a backup has what was in the collector's directory. */
export const stateFolder = 'state'
/** Below which it has the files that configure the collector, wherever they were. */
export const configurationFolder = 'configuration'

/** The newest format that is known, which is the one that is written. */
const newestFormat = 1

const relativePath = z.string().regex(/^(?!\.{1,2}(?:\/|$))[^/\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)*$/)
const backupFile = z.object({
  /** Relative to the backup, with slashes. */
  path: relativePath,
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type BackupFile = z.infer<typeof backupFile>

const manifest = z.object({
  format: z.literal(newestFormat),
  /** Release that wrote it. */
  pgherd: z.string(),
  createdMs: z.number(),
  /** The collector's directory at that time. */
  directory: z.string(),
  files: z.array(backupFile),
  /** Where the files below `configuration` were. */
  configuration: z.array(z.object({ path: relativePath, from: z.string() })),
})
export type Manifest = z.infer<typeof manifest>

const anyFormat = z.object({ format: z.number(), pgherd: z.string().default('another release') })

/**
 * What a backup says it has.
 * @throws PgherdError NOT_FOUND where there is no backup, NOT_SUPPORTED for one of a newer format, STORE_CORRUPT
 */
export async function readManifest(backup: string): Promise<Manifest> {
  const path = join(backup, manifestName)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR')
      throw new PgherdError('NOT_FOUND', `${backup} is no backup: it has no ${manifestName}`)
    throw new PgherdError('DIRECTORY_UNUSABLE', `${path} cannot be read: ${messageOf(error)}`)
  }
  const content = orNothing(text)
  const found = anyFormat.safeParse(content)
  if (found.success && found.data.format > newestFormat) {
    throw new PgherdError(
      'NOT_SUPPORTED',
      `${backup} has format ${found.data.format}, this release knows ${newestFormat}: restore it with pgherd ${found.data.pgherd}, which wrote it, or later`,
    )
  }
  const parsed = manifest.safeParse(content)
  if (parsed.success) return parsed.data
  throw new PgherdError('STORE_CORRUPT', `${path} is damaged`)
}

export function printManifest(given: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format: newestFormat, ...given }, undefined, 1)}\n`
}

function orNothing(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
