import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes of all files under a directory. */
export function bytesUnder(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  }
  return bytes
}
