import { dirname, join } from 'node:path'
import { messageOf } from '../../../common/errors.ts'
import type { Clock } from '../../../common/clock.ts'
import { standbyLimits } from '../../../common/tuning/standby-limits.ts'
import { askPostgres, usualLimitSeconds } from './ask-postgres.ts'
import type { PostgresAnswer } from './ask-postgres.ts'
import { crossCheck, crossChecked, estimateSharedMemory } from './cross-checks.ts'
import { readControlData } from './read-control-data.ts'
import type { PreflightResult } from './preflight-result.ts'
import { clearAbandoned, makeProbeDirectory } from './probe-directory.ts'
import { readRefusal } from './read-refusal.ts'
import type { RunningServer } from './running-server.ts'

/** The first version whose `-C` of a value that is computed at the start goes as far as that start. */
const computesValues = 150_000
/** The server writes pg_control while it is copied, seldom. */
const tornControlFile = /incorrect checksum in control file/
const attempts = 3

export interface PreflightOptions {
  /** What is to be tried, by name, in pg_settings' unit and spelling; it wins over what the files have. */
  readonly values: ReadonlyMap<string, string>
  /** Where the directory is made for it; everybody may go through it. */
  readonly parent?: string
  /** Of each question. */
  readonly limitSeconds?: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Whether PostgreSQL would start with other settings: asked of its own program, beside the server, in a directory that has its files
 * and nothing of its data. Tens of milliseconds per question, at most ten seconds each.
 * @throws what the signal is aborted with
 */
export async function preflight(server: RunningServer, options: PreflightOptions): Promise<PreflightResult> {
  const { parent = '/tmp', limitSeconds = usualLimitSeconds, clock, signal } = options
  try {
    await clearAbandoned(parent, clock)
    const result = await tried(server, options.values, { parent, limitSeconds, signal })
    if (result.outcome !== 'refused' || options.values.size === 0) return believed(result)
    const without = await tried(server, new Map(), { parent, limitSeconds, signal })
    return believed({ ...result, isSoAlready: without.outcome === 'refused' })
  } catch (error) {
    signal.throwIfAborted()
    return { outcome: 'not-run', why: messageOf(error) }
  }
}

/**
 * A server that runs has started before. Where its files alone are refused, and for nothing that they say, it is the probe that is not
 * like the server: an extension that looks for data, say.
 */
function believed(result: PreflightResult): PreflightResult {
  if (result.outcome !== 'refused' || !result.isSoAlready || result.parameter !== null) return result
  return { outcome: 'not-run', why: `beside the running server it says: ${result.words}` }
}

interface Limits {
  readonly parent: string
  readonly limitSeconds: number
  readonly signal: AbortSignal
}

async function tried(
  server: RunningServer,
  values: ReadonlyMap<string, string>,
  limits: Limits,
): Promise<PreflightResult> {
  const isWhole = server.versionNumber >= computesValues
  // A value that is tried stands for one that would be in its place.
  const commandLine = new Map([...server.commandLine].filter(([name]) => !values.has(name)))
  for (let attempt = 1; ; attempt++) {
    await using directory = await makeProbeDirectory(server, values, limits.parent)
    const ask: Ask = (name) => askPostgres(server, directory.path, name, commandLine, limits)
    const first = await ask(isWhole ? 'shared_memory_size' : 'max_connections')
    if (tornControlFile.test(first.stderr) && attempt < attempts) continue
    if (first.isLate) return { outcome: 'not-run', why: `${server.program} did not answer in time` }
    if (first.status === null) return { outcome: 'not-run', why: `${server.program} could not be run` }
    if (first.status !== 0) {
      const refusal = readRefusal(first.stderr, directory.path, [...values.keys()])
      return { outcome: 'refused', ...refusal, isSoAlready: values.size === 0 }
    }
    const own = isWhole ? new Map<string, string>() : await valuesOf(ask, crossChecked)
    const found = isWhole ? undefined : crossCheck(own, server)
    if (found !== undefined) return { outcome: 'refused', ...found, isSoAlready: values.size === 0 }
    const sharedMemory = isWhole
      ? { bytes: Number(first.stdout) * 1024 ** 2, hugePages: await hugePagesOf(ask), isEstimate: false }
      : { bytes: estimateSharedMemory(own), hugePages: null, isEstimate: true }
    return {
      outcome: 'accepted',
      isWhole,
      sharedMemory,
      hugePagesMode: await valueOf(ask, 'huge_pages'),
      ...(await standbyFacts(server, ask, directory.path, limits.signal)),
    }
  }
}

type Ask = (name: string) => Promise<PostgresAnswer>

/** Of a probe that was accepted. @throws Error when it does not answer, for whatever is the matter with the host then */
async function valueOf(ask: Ask, name: string): Promise<string> {
  const { status, stdout } = await ask(name)
  if (status !== 0) throw new Error(`postgres -C ${name} did not answer`)
  return stdout
}

async function valuesOf(ask: Ask, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const name of names) found.set(name, await valueOf(ask, name))
  return found
}

async function hugePagesOf(ask: Ask): Promise<number | null> {
  const pages = Number(await valueOf(ask, 'shared_memory_size_in_huge_pages'))
  return pages > 0 ? pages : null
}

async function standbyFacts(server: RunningServer, ask: Ask, directory: string, signal: AbortSignal) {
  const none: ReadonlyMap<string, number> = new Map()
  if (!server.inRecovery) return { standbySettings: none, primarySettings: none }
  const own = await valuesOf(ask, standbyLimits)
  const program = join(dirname(server.program), 'pg_controldata')
  return {
    standbySettings: new Map([...own].map(([name, value]) => [name, Number(value)])),
    primarySettings: await readControlData(program, directory, server.user, signal),
  }
}
