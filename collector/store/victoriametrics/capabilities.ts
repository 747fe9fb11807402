import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { Failover } from './failover.ts'

/**
 * What differs between VictoriaMetrics and our own store, and between one VictoriaMetrics and another, as far as we
 * have to act on it. Everything else about these differences is in docs/03-external-engine.md.
 */
export interface Capabilities {
  /**
   * For so long a range query with steps below a minute repeats the value before in place of the newest
   * (`-search.latencyOffset`), in versions that take no such parameter with a query.
   */
  readonly hiddenMs: number
  /** Whether samples that are sent twice count once (`-dedup.minScrapeInterval` of 1 ms or more); undefined: not known. */
  readonly deduplicates: boolean | undefined
  /** Where a single node keeps its data. */
  readonly dataPath: string | undefined
}

/** What holds of a VictoriaMetrics that nobody has configured, and of one that does not tell its flags. */
const unknown: Capabilities = { hiddenMs: 30_000, deduplicates: undefined, dataPath: undefined }

const probeTimeoutMs = 5_000
/** Flags change with a restart of the engine. */
const keptMs = 5 * 60_000
const retryMs = 10_000
const wellHiddenMs = 5_000

/** Asks the engine for its flags, once in a while, and never more than one at a time. */
export function createCapabilities(options: {
  readonly select: Pick<Failover, 'send'>
  /** Where the process tells its flags. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
}): () => Promise<Capabilities> {
  const { select, clock, log } = options
  let known = unknown
  let goodUntil = -Infinity
  let asking: Promise<void> | undefined
  let isTold = false
  let isAway = false

  const ask = async () => {
    try {
      const answer = await select.send({ method: 'GET', path: options.path, timeoutMs: probeTimeoutMs })
      goodUntil = clock.monotonic() + keptMs
      isAway = false
      // Through an authenticating proxy there may be none: that is an answer too.
      if (answer.status !== 200) {
        if (answer.status < 500) tellRefusal(answer.status)
        return
      }
      known = readFlags(Buffer.from(answer.body).toString('utf8'))
      tell()
    } catch (error) {
      goodUntil = clock.monotonic() + retryMs
      if (!isAway) log.warn({ error: messageOf(error) }, 'VictoriaMetrics cannot be asked')
      isAway = true
    }
  }

  const tellRefusal = (status: number) => {
    if (isTold) return
    isTold = true
    log.info(
      { status, path: options.path },
      'VictoriaMetrics, or what is in front of it, does not tell its flags; are the URL and the credentials right?',
    )
  }

  const tell = () => {
    if (isTold) return
    isTold = true
    if (known.deduplicates === false) {
      log.warn(
        'VictoriaMetrics runs without -dedup.minScrapeInterval=1ms: samples that are sent again after a failure count twice',
      )
    }
    if (known.hiddenMs > wellHiddenMs) {
      log.info(
        { latencyOffsetMs: known.hiddenMs },
        'VictoriaMetrics may hide the newest samples from graphs; -search.latencyOffset=1s shows them',
      )
    }
  }

  return async () => {
    if (clock.monotonic() >= goodUntil) {
      asking ??= ask().finally(() => {
        asking = undefined
      })
      // Only the first has to wait for it.
      if (goodUntil === -Infinity) await asking
    }
    return known
  }
}

/** Flags as /metrics shows them: `flag{name="search.latencyOffset", value="30s", is_set="false"} 1`. */
export function readFlags(metrics: string): Capabilities {
  const flag = (name: string): string | undefined =>
    new RegExp(`^flag\\{name="${name.replace('.', '\\.')}", ?value="((?:[^"\\\\]|\\\\.)*)"`, 'm').exec(
      metrics,
    )?.[1]
  const dedup = goDurationMs(flag('dedup.minScrapeInterval'))
  return {
    // It hides a second at least, whatever the flag says.
    hiddenMs: Math.max(1_000, goDurationMs(flag('search.latencyOffset')) ?? unknown.hiddenMs),
    deduplicates: dedup === undefined ? undefined : dedup > 0,
    dataPath: flag('storageDataPath'),
  }
}

/** When the process was started, in seconds since the epoch. */
export function readStart(metrics: string): number | undefined {
  const [, seconds] = /^vm_app_start_timestamp (\d+)/m.exec(metrics) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

const goUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a duration as Go prints it: `1m30s`, `0s`, `1.5s`. */
function goDurationMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * goUnits[unit!]!
  }
  return total
}
