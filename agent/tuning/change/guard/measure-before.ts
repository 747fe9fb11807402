import type { Clock } from '../../../../common/clock.ts'
import type { SettingsSession } from '../../read-settings.ts'
import { guardLimits } from './guard-limits.ts'
import { emptySpan } from './guard-sample.ts'
import type { GuardSpan } from './guard-sample.ts'
import { addSpans, busiest, spanBetween, withStatements } from './guard-span.ts'
import { readSample } from './read-sample.ts'

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
): Promise<GuardSpan> {
  const { clock, signal, seconds, lookMs } = options
  const startedMs = clock.monotonic()
  let before = await readSample(session, clock.now(), undefined)
  let span: GuardSpan = emptySpan
  for (;;) {
    const leftMs = startedMs + seconds * 1000 - clock.monotonic()
    if (leftMs <= 0 && span.looks > 0) return withStatements(span, busiest(span, guardLimits.statements))
    await clock.sleep(Math.max(Math.min(lookMs, leftMs), 1), signal)
    signal.throwIfAborted()
    const after = await readSample(session, clock.now(), undefined)
    span = addSpans(span, spanBetween(before, after))
    before = after
    options.progress(Math.min(100, Math.round((clock.monotonic() - startedMs) / (10 * seconds))))
  }
}
