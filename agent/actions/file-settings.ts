import { PgherdError } from '../../common/errors.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import { hideSecrets } from '../../common/hide-secrets.ts'
import { isSameSetting } from '../postgres/setting-value.ts'

const readMs = 5_000

const inFiles = `
select f.name,
       f.setting,
       f.sourcefile || ':' || f.sourceline,
       f.error,
       f.applied,
       s.setting,
       s.unit,
       s.vartype,
       s.source,
       s.context
  from pg_file_settings f
  left join pg_settings s on lower(s.name) = lower(f.name)
 order by f.seqno`

/** Set by a file when it was read last, and in none now. */
const gone = `
select name, setting, context
  from pg_settings
 where source = 'configuration file'
   and lower(name) not in (select lower(name) from pg_file_settings where name is not null)`

export interface FileSettings {
  /** Lines about what a reload would change. */
  readonly changes: readonly string[]
  /** Lines about what it could not. */
  readonly errors: readonly string[]
  /** Settings that differ from what this session sets for itself, so that nobody can tell what they are for others. */
  readonly own: readonly string[]
}

/**
 * What the configuration files say against what the server goes by.
 * @returns undefined where the role may not read the files, which only a superuser may unless it is granted
 */
export async function readFileSettings(
  session: Pick<ActionSession, 'read'>,
): Promise<FileSettings | undefined> {
  try {
    const files = await session.read({ text: inFiles }, readMs)
    const removed = await session.read({ text: gone }, readMs)
    const changes: string[] = []
    const errors: string[] = []
    const own: string[] = []
    for (const [name, setting, where, error, applied, now, unit, vartype, source, context] of files.rows) {
      // A setting that needs a restart is reported as an error too.
      const isForRestart = context === 'postmaster'
      if (error != null && !isForRestart) errors.push(`${where}: ${name ?? 'the file'}: ${error}`)
      // What a later line overrides is not applied either.
      if ((applied !== 't' && !(isForRestart && error != null)) || name == null || setting == null) continue
      const type = { vartype: vartype ?? 'string', unit: unit ?? null }
      if (now != null && isSameSetting(now, setting, type)) continue
      const to = hideSecrets(setting)
      if (source !== 'configuration file' && source !== 'default' && source !== 'command line') {
        own.push(name)
      } else {
        const from = `${hideSecrets(now ?? 'unknown')}${now != null && unit != null ? ` x ${unit}` : ''}`
        changes.push(`${name}: from ${from} to ${to} (${where})${isForRestart ? ', only by a restart' : ''}`)
      }
    }
    for (const [name, setting, context] of removed.rows) {
      const late = context === 'postmaster' ? ', only by a restart' : ''
      changes.push(`${name}: from ${hideSecrets(setting ?? '')} to its default (in no file any more)${late}`)
    }
    return { changes, errors, own }
  } catch (error) {
    if (error instanceof PgherdError && error.details['sqlstate'] === '42501') return undefined
    throw error
  }
}

/** What a reload changes beside what it is for; lines for a plan, none where the role may not read the files. */
export async function reloadAlsoTakes(session: Pick<ActionSession, 'read'>): Promise<readonly string[]> {
  const changes = (await readFileSettings(session))?.changes ?? []
  return changes.map((line) => `the reload also takes over ${line}`)
}

export const grantToReadFiles =
  "GRANT SELECT ON pg_file_settings, EXECUTE ON FUNCTION pg_show_all_file_settings() TO the agent's role for commands"
