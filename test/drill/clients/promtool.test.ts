import { describe, expect, test } from 'vitest'
import { findProgram } from '../../../testbed/find-program.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { jsonLine, post, startLab } from './lab.ts'

const promtool = findProgram('promtool')

async function ask(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCommand(promtool ?? 'promtool', ['query', ...args])
  if (status !== 0) throw new Error(`promtool ended with ${status}: ${stderr}`)
  return stdout.trim()
}

describe.skipIf(promtool === undefined)('promtool query', () => {
  test('instant, range, series and labels get their answers', async () => {
    const lab = await startLab()
    const now = Math.floor(Date.now() / 60_000) * 60_000
    const samples = [-120_000, -60_000, 0].map((before, i) => [now + before, i + 1] as const)
    await post(
      `${lab.collector.url}/api/v1/import`,
      ['a', 'b'].map((ins) => jsonLine({ __name__: 'load', ins, job: 'drill' }, samples)).join('\n'),
    )
    const { url } = lab.collector
    const at = String(now / 1000)
    expect(await ask('instant', `--time=${at}`, url, 'sum(load)')).toBe(`{} => 6 @[${at}]`)
    const range = await ask(
      'range',
      `--start=${now / 1000 - 120}`,
      `--end=${at}`,
      '--step=60s',
      url,
      'load{ins="a"}',
    )
    expect(range.split('\n')).toEqual([
      'load{ins="a", job="drill"} =>',
      ...[-120, -60, 0].map((before, i) => `${i + 1} @[${now / 1000 + before}]`),
    ])
    expect((await ask('series', '--match=load', url)).split('\n').sort()).toEqual([
      '{__name__="load", ins="a", job="drill"}',
      '{__name__="load", ins="b", job="drill"}',
    ])
    expect((await ask('labels', url, 'ins')).split('\n')).toEqual(['a', 'b'])
  })

  test('a query that does not parse ends with the position', async () => {
    const lab = await startLab()
    await expect(ask('instant', lab.collector.url, 'sum(load')).rejects.toThrow(/1:\d+: parse error/)
  })
})
