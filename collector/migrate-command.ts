import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { readInvocation } from '../common/config/command-line.ts'
import type { Invocation } from '../common/config/command-line.ts'
import { PgherdError } from '../common/errors.ts'
import { createHttpClient } from '../common/http-client.ts'
import { readTlsFiles } from '../common/http-credentials.ts'
import { silentLog } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import { parseTimeArgument } from '../common/parse-time-argument.ts'
import { collectorProgram } from './config.ts'
import type { CollectorConfig } from './config.ts'
import { openEmbeddedEnd } from './migrate/embedded-end.ts'
import type { Source } from './migrate/ends.ts'
import { migrate } from './migrate/migrate.ts'
import { progressFile } from './migrate/progress.ts'
import { createPrometheusSource } from './migrate/prometheus-source.ts'
import { createVictoriaMetricsEnd } from './migrate/victoriametrics-end.ts'
import { createWeb } from './migrate/web-end.ts'
import { parseSelector } from './promql/parse-selector.ts'
import { takeOption } from './take-option.ts'

export interface MigrateInvocation extends Pick<Invocation, 'argv' | 'environment'> {
  readonly clock: Clock
  readonly print: (line: string) => void
  readonly complain: (line: string) => void
}

const ownOptions = [
  'from',
  'to',
  'match',
  'start',
  'end',
  'token-file',
  'user',
  'password-file',
  'ca-file',
  'progress-file',
] as const
type Options = Readonly<Partial<Record<(typeof ownOptions)[number], string>>>

const what =
  'Moves metrics with their history: --from embedded --to victoriametrics=URL, --from prometheus=URL --to embedded, or --from victoriametrics=URL --to embedded. ' +
  'The embedded store is the one in store.directory, on which no collector may write. In a cluster the URL is INSERT-URL,SELECT-URL. ' +
  '--match SELECTOR, --start TIME and --end TIME narrow it; --token-file FILE, or --user NAME with --password-file FILE, and --ca-file FILE are for the URL. ' +
  'It can be killed and called again: how far it came is in --progress-file FILE (migration.json in store.directory). In the end both sides are read and compared.'

/**
 * `pgherd-collector migrate`.
 * @returns the exit status: 1 when the two sides differ
 * @throws PgherdError USAGE, CONFIG_INVALID, REFUSED, DIRECTORY_LOCKED, UNREACHABLE, ...
 */
export async function runMigrate(invocation: MigrateInvocation): Promise<number> {
  const { clock, print, complain } = invocation
  let { argv } = invocation
  const options: Record<string, string> = {}
  for (const name of ownOptions) {
    const taken = takeOption(argv, `--${name}`)
    argv = taken.argv
    if (taken.value !== undefined) options[name] = taken.value
  }
  const program = { ...collectorProgram, name: `${collectorProgram.name} migrate`, what, commands: {} }
  const asked = readInvocation(program, { ...invocation, argv })
  if (asked === undefined) return 0
  const { config } = asked
  const ends = readEnds(options)
  const directory = resolve(config['store.directory'])
  if (ends.isOutward && !existsSync(join(directory, 'metrics')))
    throw new PgherdError('NOT_FOUND', `there are no metrics in ${directory} (store.directory) to move`)
  makeDirectory(directory)
  const match = options['match'] === undefined ? [] : [options['match']]
  const task = { ...ends.task, match, start: options['start'], end: options['end'] }
  const file = progressFile(options['progress-file'] ?? join(directory, 'migration.json'), task)
  const begun = await file.read()
  await using stack = new AsyncDisposableStack()
  const http = stack.use(createHttpClient({ tls: await readTlsFiles({ caFile: options['ca-file'] }) }))
  const [insert, select] = ends.urls.map((url) => createWeb(http, url, credentials(options)))
  const embedded = stack.use(await openEmbeddedEnd(directory, { clock, log: silentLog }))
  const engine = createVictoriaMetricsEnd(insert!, select ?? insert!, clock)
  const other = ends.kind === 'prometheus' ? createPrometheusSource(insert!) : engine
  const { source, target } = ends.isOutward
    ? { source: embedded, target: engine }
    : { source: other, target: embedded }
  const range = begun ?? (await rangeOf(source, ends.isOutward, config, options, clock))
  if (range === undefined) {
    print('the source has no samples')
    return 0
  }
  const { startMs, endMs } = range
  const fresh = {
    ...task,
    startMs,
    endMs,
    phase: 'copy' as const,
    nextMs: startMs,
    samples: 0,
    nan: 0,
    more: 0,
  }
  const selectors = match.flatMap((text) => parseSelector(text))
  const migrated = await migrate({
    ...{ source, target, selectors, begun, fresh, clock },
    progress: file,
    tell: complain,
  })
  const { samples, nan, more, differences } = migrated
  const left = nan === 0 ? '' : `; ${nan} values that are NaN are not kept by VictoriaMetrics`
  const unsure =
    more === 0
      ? ''
      : `; ${more} series (by window) have more samples in the target than in the source: of them only that was compared, not times and values`
  print(
    `compared ${samples} samples from ${iso(startMs)} to ${iso(endMs)}: ${differences} series differ${left}${unsure}`,
  )
  return differences === 0 ? 0 : 1
}

interface Ends {
  readonly kind: 'prometheus' | 'victoriametrics'
  readonly isOutward: boolean
  readonly urls: readonly string[]
  readonly task: { readonly from: string; readonly to: string }
}

function readEnds({ from = '', to = '' }: Options): Ends {
  const isOutward = from === 'embedded'
  const parts = /^(prometheus|victoriametrics)=(.+)$/.exec(isOutward ? to : from)
  if (parts === null || (!isOutward && to !== 'embedded') || (isOutward && parts[1] === 'prometheus')) {
    throw new PgherdError(
      'USAGE',
      'give --from embedded --to victoriametrics=URL, or --from prometheus=URL or victoriametrics=URL --to embedded',
    )
  }
  const given = parts[2]!
  const urls = given.split(',')
  // What was before a comma in a password is no URL for itself, so all of it is looked at first.
  if (/[@?#]/.test(given) || !urls.every((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? '')))
    throw new PgherdError(
      'USAGE',
      `"${withoutSecrets(given)}" is no http or https URL without user, password and query; --user with --password-file, or --token-file, say who asks`,
    )
  return { kind: parts[1] as Ends['kind'], isOutward, urls, task: { from, to } }
}

/** Whatever may be one is hidden, also in what is no URL. */
function withoutSecrets(url: string): string {
  return url
    .replace(/^([a-z]*:?\/\/)?.*@/i, '$1***@')
    .replace(/[?#].*/, '?***')
    .slice(0, 200)
}

function credentials(options: Options) {
  const { user: username, 'password-file': passwordFile, 'token-file': bearerTokenFile } = options
  if ((username === undefined) !== (passwordFile === undefined) || (username && bearerTokenFile))
    throw new PgherdError('USAGE', 'give --token-file, or --user with --password-file')
  return {
    bearerTokenFile,
    ...(username !== undefined && passwordFile !== undefined
      ? { basicAuth: { username, passwordFile } }
      : {}),
  }
}

/** What is older than the retention would be removed when the collector starts. */
async function rangeOf(
  source: Source,
  isOutward: boolean,
  config: CollectorConfig,
  options: Options,
  clock: Clock,
): Promise<{ readonly startMs: number; readonly endMs: number } | undefined> {
  const now = clock.now()
  const { fromMs, toMs } = await source.bounds()
  if (isOutward && fromMs === undefined) return undefined
  const given = options.start === undefined ? undefined : parseTimeArgument(options.start)
  const oldest = isOutward ? (fromMs ?? 0) : Math.max(now - config['store.retention'], fromMs ?? 0)
  const startMs = Math.floor(Math.max(given ?? oldest, isOutward ? oldest : 0))
  const endMs = Math.floor(options.end === undefined ? (toMs ?? now) : parseTimeArgument(options.end))
  if (startMs > endMs) throw new PgherdError('USAGE', `${iso(startMs)} is not before ${iso(endMs)}`)
  return { startMs, endMs }
}

function iso(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
