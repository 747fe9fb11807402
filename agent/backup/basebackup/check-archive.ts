import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import type { Manifest } from './manifest.ts'
import type { StoredFile } from './stored-files.ts'
import { createTarReader } from './tar-reader.ts'
import type { TarSink } from './tar-reader.ts'

/** Compares the files of all archives of a backup with its manifest, one archive after the other. */
export interface ArchiveCheck {
  /** Hands on what it gets. Fails for what is no archive. */
  through(file: StoredFile): Transform
  /** What the manifest has and no archive had. */
  missing(): readonly string[]
}

/** @param onProblem told for each file that is not as the manifest has it */
export function createArchiveCheck(manifest: Manifest, onProblem: (text: string) => void): ArchiveCheck {
  const seen = new Set<string>()
  const sinkFor = (path: string, size: number): TarSink => {
    const wanted = manifest.files.get(path)
    seen.add(path)
    if (wanted?.size !== size) {
      onProblem(
        wanted === undefined
          ? `${path} is not in the manifest`
          : `${path} has ${size} bytes in place of ${wanted.size}`,
      )
      return () => undefined
    }
    const hash = createHash('sha256')
    return (part) => {
      if (part !== null) hash.update(part)
      else if (hash.digest('hex') !== wanted.sha256) onProblem(`${path} has another checksum`)
    }
  }
  return {
    through(file) {
      const prefix = file.oid === null ? '' : `pg_tblspc/${file.oid}/`
      // The log is not in the manifest.
      const reader = createTarReader((name, size) =>
        file.kind === 'wal' ? () => undefined : sinkFor(`${prefix}${name}`, size),
      )
      return new Transform({
        transform(part: Buffer, _, done) {
          try {
            reader.take(part)
            done(null, part)
          } catch (error) {
            done(error instanceof Error ? error : new Error(String(error)))
          }
        },
        flush(done) {
          try {
            reader.end()
            done()
          } catch (error) {
            done(error instanceof Error ? error : new Error(String(error)))
          }
        },
      })
    },
    missing: () => [...manifest.files.keys()].filter((path) => !seen.has(path)),
  }
}
