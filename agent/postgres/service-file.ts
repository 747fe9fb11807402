import { readFileSync } from 'node:fs'
import { PgherdError, messageOf } from '../../common/errors.ts'

/**
 * The parameters of one service in a pg_service.conf (PostgreSQL manual, "The Connection Service File"): `[name]`
 * sections of `key=value` lines, `#` for comments.
 * @throws PgherdError CONFIG_INVALID when the file cannot be read or has no such service
 */
export function readService(file: string, service: string): ReadonlyMap<string, string> {
  let section: Map<string, string> | undefined
  const sections = new Map<string, Map<string, string>>()
  for (const [i, raw] of readText(file).split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const name = /^\[(.*)\]$/.exec(line)?.[1]
    if (name !== undefined) {
      section = sections.get(name) ?? new Map<string, string>()
      sections.set(name, section)
      continue
    }
    const equals = line.indexOf('=')
    if (equals < 0 || section === undefined) {
      throw invalid(`${file}:${i + 1}: was no [service] and no key=value line below one`)
    }
    section.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim())
  }
  const found = sections.get(service)
  if (found === undefined) {
    throw invalid(`${file}: has no service ${service}; allowed: ${[...sections.keys()].join(', ') || 'none'}`)
  }
  return found
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(`the service file ${file} cannot be read: ${messageOf(error)}`)
  }
}

function invalid(message: string): PgherdError {
  return new PgherdError('CONFIG_INVALID', message)
}
