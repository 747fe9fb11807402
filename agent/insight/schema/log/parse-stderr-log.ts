import { escapePattern } from '../../../../common/insight/names-object.ts'
import { orNull, readClient, readLogTime } from './log-record.ts'
import type { LogRecord } from './log-record.ts'

const name = '.{0,64}?'
/** Those of log_line_prefix that are taken; all others are passed over. */
const escapes: Readonly<Record<string, string>> = {
  m: String.raw`(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S{1,10})`,
  t: String.raw`(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S{1,10})`,
  u: `(?<user>${name})`,
  d: `(?<database>${name})`,
  a: `(?<application>${name})`,
  h: `(?<client>${name})`,
  r: `(?<client>${name})`,
  p: String.raw`(?<pid>\d+)`,
  x: String.raw`(?<xid>\d+)`,
  v: String.raw`(?<virtual>[\d/-]*)`,
}
/** Which of them one record has to have, each by one of these. */
const needed = ['time', 'user', 'database']

/**
 * What reads lines that begin with `prefix` (log_line_prefix).
 * @returns undefined where the prefix does not say when, who and in which database
 */
export function stderrPattern(prefix: string): RegExp | undefined {
  const seen = new Set<string>()
  let pattern = ''
  let isOptional = false
  for (const [part, escape] of prefix.matchAll(/%-?\d*(.)|[^%]+/gs)) {
    if (escape === undefined) pattern += escapePattern(part)
    else if (escape === '%') pattern += '%'
    else if (escape === 'q') {
      pattern += isOptional ? '' : '(?:'
      isOptional = true
    } else {
      const taken = escapes[escape]
      const group = /^\(\?<(\w+)>/.exec(taken ?? '')?.[1]
      const isFirst = group !== undefined && !seen.has(group)
      if (isFirst) seen.add(group)
      const padding = /\d/.test(part.slice(0, -1)) ? ' *' : ''
      pattern += `${padding}${isFirst ? (taken ?? '') : name}${padding}`
    }
  }
  if (needed.some((group) => !seen.has(group))) return undefined
  const end = isOptional ? ')' : ''
  return new RegExp(
    `^${pattern}${end}(?<severity>LOG|ERROR|FATAL|STATEMENT|DETAIL|HINT|CONTEXT): {2}(?<message>.*)$`,
    's',
  )
}

/** Lines of log_destination stderr; those that begin with a tab go on with the one before. */
export function parseStderrLog(text: string, offsetMs: number, pattern: RegExp): readonly LogRecord[] {
  return text.split(/\n(?!\t)/).flatMap((raw) => {
    const found = pattern.exec(raw.replaceAll('\n\t', '\n'))?.groups
    const atMs = readLogTime(found?.['time'] ?? '', offsetMs)
    const { user = '', database = '', severity = '', message = '' } = found ?? {}
    if (found === undefined || atMs === undefined || user === '' || database === '') return []
    return [
      {
        ...{ atMs, user, database, message },
        pid: found['pid'] === undefined ? null : Number(found['pid']),
        ...{ application: orNull(found['application']), client: readClient(found['client']) },
        ...{ xid: orNull(found['xid']), virtualXid: orNull(found['virtual']) },
        severity: severity === 'STATEMENT' ? 'ERROR' : severity,
        failed: severity === 'STATEMENT' ? message : null,
      },
    ]
  })
}
