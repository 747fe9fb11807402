import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** One archive of a backup: the data directory, a tablespace, or the log. */
export interface StoredFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly kind: 'base' | 'tablespace' | 'wal'
  /** Of a tablespace. */
  readonly oid: string | null
}

const pattern = /^(base|pg_wal|\d+)\.tar(?:\.(gz|zst))?$/

/** The archives of a backup, the data directory first and the log last. */
export async function storedFiles(directory: string): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = []
  for (const name of await readdir(directory)) {
    const [, stem] = pattern.exec(name) ?? []
    if (stem === undefined) continue
    const path = join(directory, name)
    const kind = stem === 'base' ? 'base' : stem === 'pg_wal' ? 'wal' : 'tablespace'
    files.push({ name, path, bytes: (await stat(path)).size, kind, oid: kind === 'tablespace' ? stem : null })
  }
  const order = { base: 0, tablespace: 1, wal: 2 }
  return files.sort((a, b) => order[a.kind] - order[b.kind] || a.name.localeCompare(b.name))
}

/** Each stage, to be put in a pipeline: the file as it is stored, and what decompresses it. */
export function readStored(
  { name, path }: Pick<StoredFile, 'name' | 'path'>,
  onBytes: (count: number) => void = () => undefined,
): readonly [Readable, ...Transform[]] {
  const counted = new Transform({
    transform(part: Buffer, _, done) {
      onBytes(part.length)
      done(null, part)
    },
  })
  const source = createReadStream(path, { highWaterMark: 1 << 18 })
  if (name.endsWith('.gz')) return [source, counted, createGunzip({ chunkSize: 1 << 18 })]
  if (name.endsWith('.zst')) return [source, counted, createZstdDecompress({ chunkSize: 1 << 18 })]
  return [source, counted]
}

/** SHA-256 of a file as it is stored. */
export async function hashStored(path: string): Promise<string> {
  const hash = createHash('sha256')
  await using file = await open(path, 'r')
  for await (const part of file.createReadStream({ autoClose: false })) hash.update(part as Buffer)
  return hash.digest('hex')
}
