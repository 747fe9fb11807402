import { describe, expect, test } from 'vitest'
import { systemClock } from '../../common/clock.ts'
import { createTailPrinter } from '../../agentctl/print-tail.ts'
import { followTail } from '../../agentctl/tail.ts'
import { PgherdError } from '../../common/errors.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const event = (seq: number, more: Readonly<Record<string, unknown>> = {}) => ({
  seq,
  atMs: 1_700_000_000_000 + seq * 1_000,
  type: 'server-down',
  node: 'pg-main-1',
  cluster: 'pg-main',
  text: 'does not answer',
  command: null,
  ...more,
})

describe('agentctl events', () => {
  test('shows them with the newest last', async () => {
    const { url } = await fakeCollector({
      'GET /api/v1/events': () => [
        event(3, { type: 'command-finished', text: 'vacuum ended: done: 3 s', command: '6f1c2f0e-3c1d' }),
        event(2, { type: 'role-changed', node: 'pg-main-10', text: 'is primary now, and was standby' }),
        event(1),
      ],
    })
    expect((await runAgentctl(['events'], { url })).out).toMatchInlineSnapshot(`
      "TIME (UTC)           TYPE              WHERE       EVENT                            COMMAND
      2023-11-14 22:13:21  server-down       pg-main-1   does not answer
      2023-11-14 22:13:22  role-changed      pg-main-10  is primary now, and was standby
      2023-11-14 22:13:23  command-finished  pg-main-1   vacuum ended: done: 3 s          6f1c2f0e"
    `)
  })

  test('the filters are the collector’s', async () => {
    const { url, asked } = await fakeCollector({ 'GET /api/v1/events': () => [] })
    const flags = [
      '-n',
      'pg-main-1',
      '-c',
      'pg-main',
      '--type',
      'server-up',
      'server-down',
      '--since',
      '100s',
    ]
    expect((await runAgentctl(['events', ...flags, '--limit', '5'], { url })).out).toBe('nothing happened')
    expect(asked[0]?.query.toString()).toBe(
      'limit=5&since=1700000000&node=pg-main-1&cluster=pg-main&type=server-up&type=server-down',
    )
  })

  test('another type is wrong usage, and the types are named', async () => {
    const { error } = await runAgentctl(['events', '--type', 'x'], { url: 'http://127.0.0.1:1' })
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining('server-restarted') as string })
  })
})

describe('what follows', () => {
  const world = (format: 'table' | 'json' | 'tsv' = 'table') => {
    const stop = new AbortController()
    const out: string[] = []
    const warnings: string[] = []
    return {
      stop,
      out,
      warnings,
      signal: stop.signal,
      clock: { ...systemClock, sleep: () => Promise.resolve() },
      terminal: { width: 40, print: (line: string) => void out.push(line) },
      warn: (line: string) => void warnings.push(line),
      format: () => format,
    } as unknown as Parameters<typeof followTail>[0] & {
      stop: AbortController
      out: string[]
      warnings: string[]
    }
  }

  test('is asked for until ^C, and a collector that is away is waited for and said once', async () => {
    const context = world()
    const answers = [
      ['a'],
      new PgherdError('UNREACHABLE', 'gone'),
      new PgherdError('UNREACHABLE', 'gone'),
      ['b'],
    ]
    const printed: string[] = []
    await followTail(
      context,
      () => {
        const answer = answers.shift()
        if (answers.length === 0) context.stop.abort()
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? [])
      },
      (items) => printed.push(...items),
    )
    expect(printed).toEqual(['a', 'b'])
    expect(context.warnings).toEqual(['gone; waiting for it'])
  })

  test('ends with an error that waiting cannot mend', async () => {
    const ask = () => Promise.reject(new PgherdError('REFUSED', 'no longer'))
    await expect(followTail(world(), ask, () => undefined)).rejects.toMatchObject({ code: 'REFUSED' })
  })

  const sheet = { columns: [{ title: 'WHO' }, { title: 'WHAT' }], nothing: '' }

  test('stays in its columns, without new titles, and never wider than the terminal', () => {
    const context = world()
    const print = createTailPrinter<readonly string[]>(context, sheet, (row) => row)
    print([['pg-main-1', 'a']])
    print([['pg-10', 'b'.repeat(80)]])
    expect(context.out).toEqual(['WHO        WHAT', 'pg-main-1  a', `pg-10      ${'b'.repeat(28)}…`])
  })

  test('is one object per line as json', () => {
    const context = world('json')
    const print = createTailPrinter<unknown>(context, sheet, () => [])
    print([{ a: 1 }, { a: 2 }])
    expect(context.out).toEqual(['{"a":1}', '{"a":2}'])
  })
})
