import type { Mistake } from './mistake.ts'
import type { ClusterFile } from './schema.ts'

type Key = keyof ClusterFile

/** With an existing configuration these are what that file says. */
const writtenOnly: readonly Key[] = [
  'repositories',
  'members',
  'primary_access',
  'compression',
  'process_max',
  'io_timeout',
  'protocol_timeout',
  'log_path',
  'lock_path',
]

/** pg_basebackup has no configuration, and archives nothing. */
const pgBackRestOnly: readonly Key[] = [
  'stanza',
  'config',
  'config_file',
  'members',
  'primary_access',
  'process_max',
  'io_timeout',
  'protocol_timeout',
  'log_path',
  'lock_path',
  'archive',
]

/** Keys that would be read and then mean nothing: whoever wrote them expects something. */
export function withoutMeaning(file: ClusterFile): readonly Mistake[] {
  return file.engine === 'pg_basebackup' ? withBasebackup(file) : withPgBackRest(file)
}

function withPgBackRest(file: ClusterFile): readonly Mistake[] {
  const mistakes: Mistake[] = []
  if (file.max_rate !== undefined) {
    mistakes.push({
      path: ['max_rate'],
      allowed: 'nothing with pgBackRest, which has no limit of its rate: lower process_max or raise nice',
    })
  }
  if (file.config !== 'existing') return mistakes
  const given = writtenOnly.filter((key) => file[key] !== undefined).map((key): readonly string[] => [key])
  for (const key of ['async', 'spool_path', 'queue_max', 'timeout'] as const) {
    if (file.archive?.[key] !== undefined) given.push(['archive', key])
  }
  const allowed = 'nothing with config: existing, where that file says it'
  return [...mistakes, ...given.map((path) => ({ path, allowed }))]
}

function withBasebackup(file: ClusterFile): readonly Mistake[] {
  const mistakes: Mistake[] = pgBackRestOnly
    .filter((key) => file[key] !== undefined)
    .map((key) => ({ path: [key], allowed: 'nothing with pg_basebackup, which has no such thing' }))
  for (const type of ['diff', 'incr'] as const) {
    if (file.schedules?.[type] === undefined) continue
    mistakes.push({ path: ['schedules', type], allowed: 'nothing: pg_basebackup makes full backups only' })
  }
  for (const [i, one] of (file.repositories ?? []).entries()) {
    const path = ['repositories', i]
    if (i > 0) mistakes.push({ path, allowed: 'one repository with pg_basebackup' })
    if (one.kind !== 'local') {
      mistakes.push({ path: [...path, 'kind'], allowed: 'local: pg_basebackup writes into a directory' })
    }
    if (one.cipher_pass_file !== undefined) {
      mistakes.push({
        path: [...path, 'cipher_pass_file'],
        allowed: 'nothing: pg_basebackup encrypts nothing',
      })
    }
    if (one.retention.diff !== undefined) {
      mistakes.push({ path: [...path, 'retention', 'diff'], allowed: 'nothing: there are full backups only' })
    }
    for (const key of ['bundle', 'block'] as const) {
      if (one[key] === undefined) continue
      mistakes.push({ path: [...path, key], allowed: 'nothing with pg_basebackup, which has no such thing' })
    }
  }
  return mistakes
}
