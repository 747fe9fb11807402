import { describe, expect, test } from 'vitest'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(1000, 'm{src="pg-main-1"} 1')

describe('label_replace', () => {
  test.each([
    ['"$1", "src", "(.*)-(\\\\d+)"', 'pg-main'],
    ['"${2}x", "src", "(.*)-(\\\\d+)"', '1x'],
    ['"$cluster", "src", "(?P<cluster>.*)-\\\\d+"', 'pg-main'],
    ['"$$1", "src", ".*"', '$1'],
    ['"a${9}b", "src", ".*"', 'ab'],
    ['"a$1b", "src", "(.*)"', 'a'],
  ])('with %s gives %s', async (args, value) => {
    expect(await ask(series, `label_replace(m, "dst", ${args})`, 0)).toEqual([
      `{__name__="m",dst="${value}",src="pg-main-1"} 1`,
    ])
  })

  test('leaves a series alone whose label does not match as a whole', async () => {
    expect(await ask(series, 'label_replace(m, "dst", "x", "src", "pg")', 0)).toEqual([
      '{__name__="m",src="pg-main-1"} 1',
    ])
  })

  test('refuses to make two series equal', async () => {
    const two = loadSeries(1000, 'm{a="1"} 1', 'm{a="2"} 2')
    await expect(ask(two, 'label_replace(m, "a", "x", "a", ".*")', 0)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: 'vector cannot contain metrics with the same labelset',
    })
  })

  test('takes linear time for a pattern that backtracking engines choke on', async () => {
    const long = loadSeries(1000, `m{src="${'a'.repeat(5000)}!"} 1`)
    expect(await ask(long, 'count(label_replace(m, "dst", "x", "src", "(a+)+b"))', 0)).toEqual(['{} 1'])
  })
})
