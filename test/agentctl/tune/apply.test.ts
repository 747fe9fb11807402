import { describe, expect, test } from 'vitest'
import { adviceWith, changeIn, memberCalled, planned, planWith, proposed } from './made-up.ts'
import { runAgentctl } from '../run-agentctl.ts'
import type { AgentctlWorld } from '../run-agentctl.ts'
import { tunedNodes } from './tuned-nodes.ts'
import type { Answered } from '../answered-commands.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'

const advice = adviceWith([proposed('work_mem'), proposed('shared_buffers', { needs: 'restart' })])
const settingsOf = ({ args }: CommandPayload): readonly string[] => args['settings'] as readonly string[]
const answers = {
  'tune-advise': (): Answered => ({ facts: advice }),
  'tune-apply plan': (payload: CommandPayload): Answered => ({
    facts: planWith(
      settingsOf(payload).map((word) => planned(word.split('=')[0] ?? '', '4MB', word.split('=')[1] ?? '')),
    ),
  }),
  'tune-apply': ({ id }: CommandPayload): Answered => ({ facts: { change: changeIn('watching', { id }) } }),
}

async function tune(
  args: readonly string[],
  more: Readonly<Record<string, (payload: CommandPayload) => Answered>> = {},
  { nodes, ...person }: AgentctlWorld & { nodes?: Parameters<typeof tunedNodes>[1] } = {},
) {
  const { world, sent } = await tunedNodes({ ...answers, ...more }, nodes)
  return { ...(await runAgentctl(['tune', ...args], { ...world, ...person })), sent }
}
const ran = (sent: readonly CommandPayload[]) =>
  sent.filter(({ kind, mode }) => kind === 'tune-apply' && mode === 'run')

describe('apply', () => {
  test('signs the values that were shown, and what they were when they were shown', async () => {
    const { sent, error } = await tune(['apply', 'pg-main-1', '--yes', '--reason', 'spills'])
    expect(error).toBeUndefined()
    expect(ran(sent)).toMatchObject([
      {
        server: 'pg-main-1',
        reason: 'spills',
        args: {
          settings: ['work_mem=16MB', 'shared_buffers=16MB'],
          expected: ['work_mem=4MB', 'shared_buffers=4MB'],
          ...{ guard: '30m', bound: 0.2, baseline_s: 20 },
        },
      },
    ])
  })

  test('asks for the name of the node, and does nothing when another one is typed', async () => {
    const { sent, error } = await tune(['apply', 'pg-main-1'], {}, { answers: ['pg-main-2'] })
    expect(error).toMatchObject({ code: 'REFUSED', message: 'not confirmed; nothing was done' })
    expect(ran(sent)).toEqual([])
    expect(ran((await tune(['apply', 'pg-main-1'], {}, { answers: ['pg-main-1'] })).sent)).toHaveLength(1)
  })

  test('values that are said are taken without an advice', async () => {
    const { sent } = await tune([
      ...['apply', 'pg-main-1', '--set', 'work_mem=8MB', 'max_wal_size=2GB', '--yes'],
      ...['--guard', '2h', '--bound', '10%', '--baseline', '1m'],
    ])
    expect(sent.map(({ kind }) => kind)).toEqual(['tune-apply', 'tune-apply'])
    expect(ran(sent)[0]?.args).toMatchObject({
      settings: ['work_mem=8MB', 'max_wal_size=2GB'],
      ...{ guard: '2h', bound: 0.1, baseline_s: 60 },
    })
  })

  test('what the agent refuses in its plan is not asked about, nor sent', async () => {
    const { out, sent, error } = await tune(['apply', 'pg-main-1', '--yes'], {
      'tune-apply plan': () => ({
        facts: planWith([planned('work_mem', '4MB', 'much')], { refusals: ['the server would not take it'] }),
      }),
    })
    expect(out).toContain('REFUSED: the server would not take it')
    expect(error).toMatchObject({ code: 'REFUSED', message: 'it is refused; nothing was done' })
    expect(ran(sent)).toEqual([])
  })

  test('where everything is as it should be nothing is sent', async () => {
    const { out, sent, error } = await tune(['apply', 'pg-main-1', '--yes'], {
      'tune-advise': () => ({ facts: adviceWith([]) }),
    })
    expect(out).toContain('nothing would be changed')
    expect(error).toBeUndefined()
    expect(ran(sent)).toEqual([])
  })

  test('what has failed is told in the agent’s words', async () => {
    const { warnings, error } = await tune(['apply', 'pg-main-1', '--yes'], {
      'tune-apply': () => ({ failure: 'work_mem is 5MB by now. Nothing was changed.' }),
    })
    expect(warnings).toContain('pg-main-1: work_mem is 5MB by now. Nothing was changed.')
    expect(error?.code).toBe('COMMAND_FAILED')
  })
})

describe('of a cluster', () => {
  const nodes = [memberCalled('pg-main-1', 'primary'), memberCalled('pg-main-2'), memberCalled('pg-main-3')]
  const rising = ['apply', 'pg-main', '--set', 'max_connections=300', '--yes']
  const plan = {
    'tune-apply plan': (): Answered => ({ facts: planWith([planned('max_connections', '100', '300')]) }),
  }

  test('all members are planned before the first is changed, in the order that their replay needs', async () => {
    const { out, sent } = await tune(rising, plan, { nodes })
    expect(out).toContain(
      'order: pg-main-2, pg-main-3, pg-main-1 (the standbys first, since max_connections rises)',
    )
    expect(sent.map(({ node, mode }) => `${mode} ${node}`)).toEqual([
      ...['plan pg-main-1', 'plan pg-main-2', 'plan pg-main-3'],
      ...['run pg-main-2', 'run pg-main-3', 'run pg-main-1'],
    ])
  })

  test('it stops at the first member that fails', async () => {
    const { sent, error } = await tune(
      rising,
      {
        ...plan,
        'tune-apply': ({ node, id }) =>
          node === 'pg-main-3'
            ? { failure: 'the server has not taken it' }
            : { facts: { change: changeIn('watching', { id }) } },
      },
      { nodes },
    )
    expect(ran(sent).map(({ node }) => node)).toEqual(['pg-main-2', 'pg-main-3'])
    expect(error?.code).toBe('COMMAND_FAILED')
  })

  test('followed, it stops at the first whose guard takes it back', async () => {
    const { sent, error } = await tune(
      [...rising, '--follow'],
      {
        ...plan,
        'tune-status': () => ({ facts: { changes: [changeIn('rolled-back', { id: sentIds.at(-1)! })] } }),
        'tune-apply': ({ id }) => {
          sentIds.push(id)
          return { facts: { change: changeIn('watching', { id }) } }
        },
      },
      { nodes },
    )
    expect(ran(sent).map(({ node }) => node)).toEqual(['pg-main-2'])
    expect(error?.code).toBe('COMMAND_FAILED')
  })
  const sentIds: string[] = []

  test('the name of the cluster is asked for', async () => {
    const { sent } = await tune(rising.slice(0, -1), plan, { nodes, answers: ['pg-main-1'] })
    expect(ran(sent)).toEqual([])
  })
})

test('plan shows what would change and sends nothing else', async () => {
  const { out, sent } = await tune(['plan', 'pg-main-1', '--no-restart'])
  expect(sent.map(({ kind, mode }) => `${kind} ${mode}`)).toEqual(['tune-advise run', 'tune-apply plan'])
  expect(settingsOf(sent[1]!)).toEqual(['work_mem=16MB'])
  expect(out).toMatch(/work_mem +4MB +16MB +reload/)
  expect(out).toContain('Not part of it:\n  shared_buffers = 16MB needs a restart (--no-restart)')
})

test('plan as JSON has everything that was planned', async () => {
  const { out } = await tune(
    ['-o', 'json', 'plan', 'pg-main-1'].toSorted((a, b) => Number(b === '-o') - Number(a === '-o')),
  )
  expect(JSON.parse(out)).toMatchObject([{ node: 'pg-main-1', by: 'alter-system', settings: [{}, {}] }])
})

test('a rollback shows what it would do, asks, and names the change', async () => {
  const { warnings, sent, out } = await tune(
    ['rollback', 'pg-main-1', '6f1c2f0e'],
    {
      'tune-rollback plan': () => ({ steps: ['work_mem back to 4MB'] }),
      'tune-rollback': () => ({ facts: { change: changeIn('rolled-back') } }),
    },
    { answers: ['pg-main-1'] },
  )
  expect(warnings).toContain('  work_mem back to 4MB')
  expect(out).toContain('rolled-back')
  expect(sent.map(({ mode, args }) => [mode, args])).toEqual([
    ['plan', { change: '6f1c2f0e' }],
    ['run', { change: '6f1c2f0e' }],
  ])
})

test('history has all changes, the newest last, and fits a narrow terminal', async () => {
  const changes = [changeIn('kept'), changeIn('rolled-back', { id: '9a1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c' })]
  const { out } = await tune(
    ['history', 'pg-main-1'],
    { 'tune-status': () => ({ facts: { changes } }) },
    { width: 60 },
  )
  const lines = out.split('\n')
  expect(lines.map((line) => line.length <= 60)).toEqual([true, true, true])
  expect(lines[2]).toMatch(/9a1c2f0e +rolled-back/)
})

test('an answer of a shape that is not known is an error that says so', async () => {
  const { error } = await tune(['history', 'pg-main-1'], { 'tune-status': () => ({ facts: { changes: 1 } }) })
  expect(error).toMatchObject({ code: 'BAD_DATA' })
  expect(error?.message).toContain('is the agent of another version?')
})

test('a name that is neither a node nor a cluster is told with those that there are', async () => {
  const { error } = await tune(['plan', 'pg-mian'])
  expect(error).toMatchObject({ code: 'NOT_FOUND' })
  expect(error?.message).toContain('pg-main')
})

test.each(['junk', '100d', '0s', '-5m'])(
  'a guard of %s is wrong usage, which no agent is asked about',
  async (guard) => {
    const { error, sent } = await tune(['plan', 'pg-main-1', '--set', 'work_mem=8MB', '--guard', guard])
    expect(error?.message).toContain('allowed: 1s to 7d, such as 15m, or 0 for no guard')
    expect(sent).toEqual([])
  },
)
