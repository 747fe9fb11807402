import { describe, expect, test } from 'vitest'
import { backgroundWriterByStops } from '../../../../../agent/tuning/rules/wal/background-writer-by-stops.ts'
import { overrunCheckpointer } from '../../../../../agent/tuning/rules/wal/overrun-checkpointer.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

describe('a background writer that stops early', () => {
  const stopped: MadeUp = {
    counters: {
      'writers.maxwritten_clean': 1500,
      'writers.client_writes': 31_000,
      'writers.all_writes': 100_000,
    },
  }
  const said = (of: MadeUp) => saidBy(backgroundWriterByStops, { ...stopped, ...of })
  const settings = (pages: number, delay: string, multiplier: string): MadeUp => ({
    settings: {
      bgwriter_lru_maxpages: String(pages),
      bgwriter_delay: delay,
      bgwriter_lru_multiplier: multiplier,
    },
  })

  test('may write more at once', () => {
    const { values, reasons } = said({})
    expect(values).toEqual({ bgwriter_lru_maxpages: '400' })
    expect(reasons[0]).toContain('stopped 1500 times')
    expect(reasons[0]).toContain('31 % of 100000 pages were written by sessions')
  })

  test('step by step: more pages, and then more often', () => {
    expect(said(settings(10, '200ms', '2')).values).toEqual({ bgwriter_lru_maxpages: '100' })
    expect(said(settings(400, '200ms', '2')).values).toEqual({ bgwriter_lru_maxpages: '1000' })
    expect(said(settings(1000, '200ms', '2')).values).toEqual({
      bgwriter_delay: '100ms',
      bgwriter_lru_multiplier: '4',
    })
    expect(said(settings(1000, '100ms', '4')).values).toEqual({ bgwriter_delay: '50ms' })
    expect(said(settings(1000, '50ms', '4')).notes).toHaveLength(1)
  })

  test('is told with less confidence before 16, where writes of COPY cannot be told from others', () => {
    expect(said({ major: 15 }).reasons[0]).toContain('those of COPY and VACUUM among them')
  })

  test.each([
    ['it stops once a minute', { counters: { ...stopped.counters, 'writers.maxwritten_clean': 1440 } }],
    ['sessions write little', { counters: { ...stopped.counters, 'writers.client_writes': 30_000 } }],
    [
      'hardly anything is written',
      { counters: { ...stopped.counters, 'writers.client_writes': 99, 'writers.all_writes': 99 } },
    ],
    ['the server has just started', { hoursSinceStart: 0.5 }],
  ])('is left alone where %s', (_, of) => {
    expect(said(of)).toEqual(silent)
  })
})

describe('sessions that flush tables themselves', () => {
  const said = (syncs: number, of: MadeUp = {}) =>
    saidBy(overrunCheckpointer, { counters: { 'writers.client_syncs': syncs }, ...of })

  test('are told, with what comes before a setting', () => {
    const { values, notes } = said(24)
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining('24 times, 1.0 per hour')])
  })

  test('are an accident where it is less than once an hour, or hardly ever', () => {
    expect(said(23)).toEqual(silent)
    expect(said(9, { hours: 1 })).toEqual(silent)
    expect(said(24, { hoursSinceStart: 0.5 })).toEqual(silent)
  })
})
