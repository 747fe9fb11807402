import { readFile, stat } from 'node:fs/promises'
import { systemCodeOf } from '../../common/errors.ts'
import type { Target } from './target.ts'

/** Permissions that let others read it: libpq ignores such a file, and so do we. */
const othersMayRead = 0o077

/**
 * The password that a .pgpass file has for a target, by the rules of libpq (PostgreSQL manual, "The Password File"): the
 * first line that fits, `*` fits anything, a socket directory is `localhost`. undefined without a file or a line.
 */
export async function pgpassPassword(file: string, target: Target): Promise<string | undefined> {
  try {
    if (((await stat(file)).mode & othersMayRead) !== 0) return undefined
    return passwordIn(await readFile(file, 'utf8'), target)
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}

function passwordIn(text: string, target: Target): string | undefined {
  const host = target.host.startsWith('/') ? 'localhost' : target.host
  const wanted = [host, String(target.port), target.database, target.user]
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    // A colon or a backslash within a field stands behind a backslash.
    const fields = line.match(/(?:\\.|[^:\\])*(?::|$)/g)?.map(unescape) ?? []
    const password = fields[wanted.length]
    if (password === undefined) continue
    if (wanted.every((value, i) => fields[i] === '*' || fields[i] === value)) return password
  }
  return undefined
}

function unescape(field: string): string {
  return field.replace(/:$/, '').replaceAll(/\\(.)/g, '$1')
}
