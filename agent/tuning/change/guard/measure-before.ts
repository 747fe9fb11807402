import type { Clock } from '../../../../common/clock.ts'
import type { SettingsSession } from '../../read-settings.ts'
import { guardLimits } from './guard-limits.ts'
import { emptySpan } from './guard-sample.ts'
import type { GuardBaseline, GuardSpan } from './guard-sample.ts'
import { addSpans, busiest, spanBetween, withStatements } from './guard-span.ts'
import { readSample } from './read-sample.ts'
import { statementLatency } from './statement-latency.ts'

/**
 * What a server does before a change, over some looks.
 * @throws PgherdError of the session, or what the signal is aborted with
 */
export async function measureBefore(
  session: SettingsSession,
  options: {
    readonly seconds: number
    readonly lookMs: number
    readonly clock: Clock
    readonly signal: AbortSignal
    progress(percent: number): void
  },
): Promise<GuardBaseline> {
  const { clock, signal, seconds, lookMs } = options
  const startedMs = clock.monotonic()
  let before = await readSample(session, clock.now(), undefined)
  let span: GuardSpan = emptySpan
  const looks: GuardSpan[] = []
  for (;;) {
    const leftMs = startedMs + seconds * 1000 - clock.monotonic()
    if (leftMs <= 0 && span.looks > 0) return baselineOf(span, looks)
    await clock.sleep(Math.max(Math.min(lookMs, leftMs), 1), signal)
    signal.throwIfAborted()
    const after = await readSample(session, clock.now(), undefined)
    const look = spanBetween(before, after)
    looks.push(look)
    span = addSpans(span, look)
    before = after
    options.progress(Math.min(100, Math.round((clock.monotonic() - startedMs) / (10 * seconds))))
  }
}

/** Of the statements that took most of the time. */
function baselineOf(whole: GuardSpan, looks: readonly GuardSpan[]): GuardBaseline {
  const span = withStatements(whole, busiest(whole, guardLimits.statements))
  const plain = { ...span, worstLatencyMs: null }
  const latencies = looks.flatMap((look) => statementLatency(plain, look, 0, guardLimits)?.after ?? [])
  return { ...span, worstLatencyMs: latencies.length === 0 ? null : Math.max(...latencies) }
}
