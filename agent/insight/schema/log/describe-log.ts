import { z } from 'zod'
import type { LentConnection } from '../../insight-server.ts'
import { logFormats } from './log-record.ts'
import type { LogFormat } from './log-record.ts'
import { stderrPattern } from './parse-stderr-log.ts'

/** The server's log as it is now. */
export interface DescribedLog {
  readonly format: LogFormat
  /** Of stderr: what its lines look like. */
  readonly pattern: RegExp | undefined
  /** Of log_timezone from UTC. */
  readonly offsetMs: number
  /** Absolute, with a slash at its end. */
  readonly directory: string
  /** The name of the file that is written to. */
  readonly current: string
  /** Those of this format, the oldest first. */
  readonly files: readonly { readonly name: string; readonly size: number }[]
  /** Whether the role may read it by pg_read_binary_file. */
  readonly mayRead: boolean
}

const limitMs = 2_000
const flag = z.string().transform((text) => text === 't')
const about = z.tuple([flag, flag, z.coerce.number(), z.string()])
const settings = z.record(z.string(), z.string())
const list = z.array(z.object({ name: z.string(), size: z.number() }))

const endings = { jsonlog: 'json', csvlog: 'csv', stderr: '' } as const

const names = [
  'data_directory',
  'log_destination',
  'log_directory',
  'logging_collector',
  'log_line_prefix',
  'log_statement',
  'log_min_duration_statement',
  'lc_messages',
]

/**
 * Where and how the server logs; a text says why what it logs is of no use here.
 * @throws PgherdError of `query`
 */
export async function describeLog(connection: LentConnection): Promise<DescribedLog | string> {
  const asked = await connection.query(
    {
      name: 'pgherd_schema_log',
      text: `
select has_function_privilege('pg_ls_logdir()', 'execute'),
       has_function_privilege('pg_read_binary_file(text, bigint, bigint)', 'execute'),
       1000 * extract(epoch from (clock_timestamp() at time zone current_setting('log_timezone')) - (clock_timestamp() at time zone 'UTC')),
       (select json_object_agg(name, setting)::text from pg_settings where name = any ('{${names.join(',')}}'))`,
    },
    limitMs,
  )
  const [maySee, mayRead, offset, text] = about.parse(asked.rows[0])
  const of = settings.parse(JSON.parse(text))
  const { log_statement: logs, log_min_duration_statement: least, lc_messages: language = '' } = of
  const { data_directory: data, log_directory: logDirectory, log_line_prefix: prefix = '' } = of
  if (logs === 'none' && least !== '0') return 'neither log_statement nor log_min_duration_statement has it'
  if (!maySee || data === undefined || logDirectory === undefined) return 'the role lacks pg_monitor'
  if (of['logging_collector'] !== 'on') return 'logging_collector is off'
  if (!/^(|C|POSIX|en.*|C\..*)$/.test(language)) return `its messages are in another language (${language})`
  const destinations = (of['log_destination'] ?? '').split(',').map((one) => one.trim())
  const format = logFormats.find((one) => destinations.includes(one))
  if (format === undefined) return 'log_destination has no file'
  const pattern = format === 'stderr' ? stderrPattern(prefix) : undefined
  if (format === 'stderr' && pattern === undefined) return 'log_line_prefix lacks %m or %t, %u or %d'
  const { rows } = await connection.query(
    {
      name: 'pgherd_schema_log_files',
      text: `
select json_agg(json_build_object('name', name, 'size', size) order by modification, name)::text from pg_ls_logdir()`,
    },
    limitMs,
  )
  // pg_current_logfile is closed to pg_monitor in older versions; the file that was written last is the same.
  const files = list
    .parse(JSON.parse(rows[0]?.[0] ?? '[]'))
    .filter(({ name }) => endingOf(name) === endings[format])
  const current = files.at(-1)?.name
  if (current === undefined) return 'no file is written yet'
  return {
    ...{ format, pattern, current, mayRead },
    offsetMs: Math.round(offset / 1_000) * 1_000,
    directory: `${logDirectory.startsWith('/') ? logDirectory : `${data}/${logDirectory}`}/`,
    files,
  }
}

function endingOf(name: string): string {
  return /\.(json|csv|gz|bz2|xz|zst)$/.exec(name)?.[1] ?? ''
}
