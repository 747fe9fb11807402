import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ranges } from '../../../../collector/web/query/time-window.ts'
import type { TimeWindow } from '../../../../collector/web/query/time-window.ts'
import { defaultView, formatView, parseView } from '../../../../collector/web/state/view.ts'

describe('the address', () => {
  test('is plain for the default view', () => {
    expect(formatView(defaultView)).toBe('')
    expect(parseView('')).toEqual(defaultView)
  })

  test('is readable', () => {
    const view = parseView('#cluster=pg-main&node=pg-main-2&range=1h&live=off')
    expect(view).toEqual({
      scope: { cluster: 'pg-main', node: 'pg-main-2' },
      window: { kind: 'last', ms: 3_600_000 },
      live: false,
    })
  })

  test('takes defaults for what makes no sense', () => {
    const long = 'x'.repeat(200)
    expect(parseView(`#cluster=${long}&node=&range=7y&from=9&to=3&live=maybe`)).toEqual(defaultView)
  })

  test('gives back every view', () => {
    const name = fc.option(fc.string({ minLength: 1, maxLength: 60 }))
    const window = fc.oneof(
      fc.constantFrom(...ranges.values()).map((ms): TimeWindow => ({ kind: 'last', ms })),
      fc
        .tuple(fc.integer({ min: 1, max: 4e12 }), fc.integer({ min: 1, max: 1e9 }))
        .map(([fromMs, ms]): TimeWindow => ({ kind: 'between', fromMs, toMs: fromMs + ms })),
    )
    fc.assert(
      fc.property(name, name, window, fc.boolean(), (cluster, node, window, live) => {
        const view = { scope: { cluster, node }, window, live }
        expect(parseView(formatView(view))).toEqual(view)
      }),
    )
  })
})
