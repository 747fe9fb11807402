import { readFile } from 'node:fs/promises'
import { parseEntry } from '../../../common/audit/chain.ts'
import type { AuditEntry } from '../../../common/audit/entry.ts'

/**
 * The entries of a chain's file, without lines that hold none. Not by opening the chain: whoever does so repairs it, and
 * it is being written.
 */
export async function readEntries(path: string): Promise<readonly AuditEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  return lines.map(parseEntry).filter((entry) => entry !== undefined)
}
