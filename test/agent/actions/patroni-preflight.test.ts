import { describe, expect, onTestFinished, test } from 'vitest'
import type { Action } from '../../../agent/actions/action.ts'
import { patroniCancelSwitchover } from '../../../agent/actions/kinds/patroni-cancel-switchover.ts'
import { patroniEditConfig } from '../../../agent/actions/kinds/patroni-edit-config.ts'
import { patroniFailover } from '../../../agent/actions/kinds/patroni-failover.ts'
import { patroniPause } from '../../../agent/actions/kinds/patroni-pause.ts'
import { patroniReinitialize } from '../../../agent/actions/kinds/patroni-reinitialize.ts'
import { patroniReload } from '../../../agent/actions/kinds/patroni-reload.ts'
import { patroniRestart } from '../../../agent/actions/kinds/patroni-restart.ts'
import { patroniResume } from '../../../agent/actions/kinds/patroni-resume.ts'
import { patroniSwitchover } from '../../../agent/actions/kinds/patroni-switchover.ts'
import type { PatroniAccess } from '../../../agent/actions/patroni/access.ts'
import { recordedState, startRecordedPatroni } from '../../../testbed/recorded-patroni/server.ts'
import type { RecordedState } from '../../../testbed/recorded-patroni/server.ts'
import { contextOver } from './action-context.ts'

/**
 * What the operations of Patroni decide before they do anything, by real answers of Patroni 3.0.2: m3 leads, m1 is its synchronous
 * standby, m2 its asynchronous one, on all of them a setting waits for a restart. What differs in a case is said there.
 */

interface Case {
  readonly state?: 'healthy' | 'paused' | 'scheduled'
  /** Whose agent it is; m3's unless told. */
  readonly on?: 'm1' | 'm2' | 'm3'
  readonly silent?: readonly string[]
  readonly differs?: (state: RecordedState) => void
}

const context = contextOver(() => Promise.reject(new Error('no server is asked')))

async function begin({ state = 'healthy', on = 'm3', silent = [], differs }: Case) {
  const recorded = recordedState(state)
  differs?.(recorded)
  const patroni = await startRecordedPatroni(recorded, { silent })
  onTestFinished(() => patroni[Symbol.asyncDispose]())
  const changes = () => patroni.asked.filter((one) => !one.includes(' GET '))
  return { patronis: [{ url: patroni.urls[on]! }], changes }
}

/** The lines of a plan; nothing may have been changed for it. */
async function planOf<Args>(
  action: (patronis: readonly PatroniAccess[]) => Action<Args>,
  args: Readonly<Record<string, unknown>>,
  about: Case = {},
): Promise<readonly string[]> {
  const { patronis, changes } = await begin(about)
  const one = action(patronis)
  try {
    return await one.plan(context, one.args.parse(args))
  } finally {
    expect(changes()).toEqual([])
  }
}

const against = (steps: readonly string[]): readonly string[] =>
  steps.flatMap((step) => /^REFUSED unless force=true: (.*)/.exec(step)?.[1] ?? [])
const member = (state: RecordedState, name: string): Record<string, unknown> =>
  state['/cluster'].members.find((one) => one.name === name)!
const isWell = ['nothing speaks against it']
const onlySync = 'm1 is the only synchronous standby: commits may wait until it is back'

/** m3 is down, and its key has expired. */
const withoutLeader = (state: RecordedState): void => {
  Object.assign(member(state, 'm3'), { role: 'replica', state: 'stopped', lag: 'unknown' })
  Object.assign(state.members['m3']!['/patroni'], { role: 'replica', state: 'stopped' })
}

describe('patroni-switchover', () => {
  const plan = (args: Readonly<Record<string, unknown>>, about?: Case) =>
    planOf(patroniSwitchover, args, about)

  test('to the synchronous standby of a cluster that is well is planned with what each member is', async () => {
    expect(await plan({ candidate: 'm1' })).toEqual([
      'asks Patroni to hand pg-main over from m3 to m1',
      'm1: sync_standby, running, timeline 2, 0 bytes behind',
      'm2: replica, running, timeline 2, 0 bytes behind',
      'm3: leader, running, timeline 2',
      'sessions on the leader end; writes wait or fail until the new one leads',
      ...isWell,
    ])
  })

  test('is planned by the agent of a standby as well, and without a candidate', async () => {
    const steps = await plan({}, { on: 'm2' })
    expect([steps[0], steps.at(-1)]).toEqual([
      'asks Patroni to hand pg-main over from m3 to the best standby',
      ...isWell,
    ])
  })

  test.each<[string, string, Case]>([
    ['is not synchronous', 'synchronous_mode is on and m2 is not a synchronous standby', {}],
    [
      'is too far behind',
      'm2 is 2000000 bytes behind, more than maximum_lag_on_failover (1048576)',
      { differs: (state) => Object.assign(member(state, 'm2'), { lag: 2_000_000 }) },
    ],
    [
      'is behind by nobody knows how much',
      'nobody knows how far m2 is behind',
      { differs: (state) => Object.assign(member(state, 'm2'), { lag: 'unknown' }) },
    ],
    [
      'is on another timeline',
      'm2 is on timeline 1, the leader m3 on 2',
      { differs: (state) => Object.assign(member(state, 'm2'), { timeline: 1 }) },
    ],
    [
      'has the tag nofailover',
      'm2 has the tag nofailover',
      { differs: (state) => Object.assign(member(state, 'm2'), { tags: { nofailover: true } }) },
    ],
    ['is silent', "m2 does not answer at its Patroni's address", { silent: ['m2'] }],
    [
      'is on no list of the leader',
      'm2 does not stream from the leader (its state is running)',
      { differs: (state) => Object.assign(state.members['m3']!['/patroni'], { replication: [] }) },
    ],
    [
      'has not replayed what it has received',
      'm2 has not replayed 20000000 bytes that it has received, and its replay is paused: it takes no writes before it has',
      {
        differs: (state) =>
          Object.assign(state.members['m2']!['/patroni'], {
            xlog: { received_location: 24_850_760, replayed_location: 4_850_760, paused: true },
          }),
      },
    ],
  ])('to a standby that %s is refused unless forced', async (_what, problem, about) => {
    expect(against(await plan({ candidate: 'm2' }, about))).toContain(problem)
  })

  test.each<[string, string, Case]>([
    ['is paused', 'pg-main is paused: Patroni does not manage it now', { state: 'paused' }],
    [
      'has one scheduled',
      'a switchover is scheduled: from m3 to any member at 2026-11-27T10:53:33.784000+00:00',
      { state: 'scheduled' },
    ],
    [
      'has a leader that demoted itself',
      "m3 leads by Patroni's list, and is a replica now",
      { differs: (state) => Object.assign(state.members['m3']!['/patroni'], { role: 'replica' }) },
    ],
  ])('of a cluster that %s is refused unless forced', async (_what, problem, about) => {
    expect(against(await plan({ candidate: 'm1' }, about))).toContain(problem)
  })

  test('of a cluster whose standbys are all unfit is refused unless forced', async () => {
    expect(against(await plan({}, { silent: ['m1'] }))).toEqual([
      'there is no standby that could safely take over',
    ])
  })

  test.each<[string, Readonly<Record<string, unknown>>, Case, string, string]>([
    ['to the leader', { candidate: 'm3' }, {}, 'REFUSED', 'm3 leads pg-main already'],
    ['from another leader', { leader: 'm1' }, {}, 'REFUSED', 'm3 leads pg-main now, not m1'],
    ['to nobody', { candidate: 'm9' }, {}, 'NOT_FOUND', 'has no member m9; there are: m1, m2, m3'],
    ['in the past', { scheduled_at: '2020-01-01T00:00:00Z' }, {}, 'REFUSED', 'has passed'],
    ['without a leader', {}, { on: 'm1', differs: withoutLeader }, 'REFUSED', 'nobody leads pg-main now'],
    ['of another cluster', { scope: 'other' }, {}, 'REFUSED', 'is of pg-main, not of other'],
  ])('%s cannot be forced', async (_what, args, about, code, text) => {
    await expect(plan({ ...args, force: true }, about)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    })
  })

  test('that is refused asks Patroni for nothing; forced it does, and the plan says against what', async () => {
    const { patronis, changes } = await begin({})
    const action = patroniSwitchover(patronis)
    await expect(action.run(context, action.args.parse({ candidate: 'm2' }))).rejects.toMatchObject({
      code: 'REFUSED',
    })
    expect(changes()).toEqual([])
    const forced = action.args.parse({ candidate: 'm2', force: true })
    expect(await action.plan(context, forced)).toContain(
      'FORCED against: synchronous_mode is on and m2 is not a synchronous standby',
    )
    await expect(action.run(context, forced)).rejects.toThrow('nothing is done here')
    expect(changes()).toEqual(['m3 POST /switchover'])
  })
})

describe('patroni-failover', () => {
  const plan = (candidate: string, about?: Case) => planOf(patroniFailover, { candidate }, about)

  test('while the leader answers is refused unless forced', async () => {
    expect(against(await plan('m1'))).toEqual([
      'm3 leads and answers: patroni-switchover hands over in order',
    ])
  })

  test('without a leader, to the synchronous standby, has nothing against it', async () => {
    const steps = await plan('m1', { on: 'm1', differs: withoutLeader, silent: ['m3'] })
    expect([steps[0], steps.at(-1)]).toEqual([
      'asks Patroni to make m1 lead pg-main, without asking a leader',
      ...isWell,
    ])
  })

  test('without a leader, to a standby that is not synchronous, is refused unless forced', async () => {
    expect(against(await plan('m2', { on: 'm1', differs: withoutLeader }))).toEqual([
      'synchronous_mode is on and m2 is not a synchronous standby',
    ])
  })

  test('to the leader cannot be forced', async () => {
    await expect(plan('m3')).rejects.toMatchObject({ code: 'REFUSED' })
  })
})

describe('patroni-restart', () => {
  const plan = (about: Case, args = {}) => planOf(patroniRestart, args, about)

  test.each<['m1' | 'm2' | 'm3', readonly string[]]>([
    ['m1', [onlySync]],
    ['m2', []],
    ['m3', ['m3 is the primary: nothing can be written until it is back']],
  ])('of %s has %j against it', async (on, problems) => {
    const steps = await plan({ on })
    expect(steps[0]).toBe(`restarts PostgreSQL of ${on}; its sessions end`)
    expect(against(steps)).toEqual(problems)
  })

  test('that is only for a setting that waits does nothing where none does', async () => {
    const differs = (state: RecordedState) => {
      delete state.members['m2']!['/patroni']['pending_restart']
    }
    expect((await plan({ on: 'm2', differs }, { pending_only: true }))[0]).toBe(
      'no setting waits for a restart; nothing would be done',
    )
    expect((await plan({ on: 'm2' }, { pending_only: true }))[0]).toMatch(/^restarts/)
  })

  test('of a server that does not run is refused unless forced', async () => {
    const differs = (state: RecordedState) =>
      void Object.assign(state.members['m2']!['/patroni'], { state: 'stopped' })
    expect(against(await plan({ on: 'm2', differs }))).toEqual(['m2 does not run (its state is stopped)'])
  })
})

describe('patroni-reinitialize', () => {
  const plan = (about: Case, args = {}) => planOf(patroniReinitialize, args, about)

  test('of the asynchronous standby has nothing against it', async () => {
    const steps = await plan({ on: 'm2' })
    expect([steps[0], steps.at(-1)]).toEqual([
      'REMOVES the data directory of m2 and copies it anew',
      ...isWell,
    ])
  })

  test.each<[string, string, Case]>([
    ['the only synchronous standby', onlySync, { on: 'm1' }],
    ['a paused cluster', 'pg-main is paused: Patroni does not manage it now', { on: 'm2', state: 'paused' }],
    [
      'a leader that is silent',
      "the leader m3 does not answer at its Patroni's address",
      { on: 'm2', silent: ['m3'] },
    ],
    [
      'a member that is being copied',
      'm2 is being copied already: it would begin again',
      { on: 'm2', differs: (state) => Object.assign(member(state, 'm2'), { state: 'creating replica' }) },
    ],
  ])('with %s is refused unless forced', async (_what, problem, about) => {
    expect(against(await plan(about))).toContain(problem)
  })

  test.each<[string, Case]>([
    ['of the leader', { on: 'm3' }],
    ['without a leader', { on: 'm2', differs: withoutLeader }],
  ])('%s cannot be forced', async (_what, about) => {
    await expect(plan(about, { force: true })).rejects.toMatchObject({ code: 'REFUSED' })
  })
})

describe('patroni-pause and patroni-resume', () => {
  test.each<[string, readonly string[], Case]>([
    ['pauses pg-main: nobody takes over when its leader fails', [], {}],
    ['pg-main is paused already; nothing would be done', [], { state: 'paused' }],
    [
      'pauses pg-main: nobody takes over when its leader fails',
      [
        'a switchover is scheduled, and would not be done: from m3 to any member at 2026-11-27T10:53:33.784000+00:00',
      ],
      { state: 'scheduled' },
    ],
    [
      'pauses pg-main: nobody takes over when its leader fails',
      ['nobody leads pg-main, and while it is paused nobody will'],
      { on: 'm1', differs: withoutLeader },
    ],
  ])('"%s" with %j against it', async (first, problems, about) => {
    const steps = await planOf(patroniPause, {}, about)
    expect([steps[0], against(steps)]).toEqual([first, problems])
  })

  test('what is not paused is not resumed; what is, is', async () => {
    expect((await planOf(patroniResume, {}))[0]).toBe('pg-main is not paused; nothing would be done')
    const steps = await planOf(patroniResume, {}, { state: 'paused' })
    expect([steps[0], against(steps)]).toEqual([
      'resumes pg-main: Patroni brings it in order at once, by a failover if need be',
      [],
    ])
  })

  test.each<[string, Case['differs'], string]>([
    [
      'two primaries',
      (state) => Object.assign(state.members['m1']!['/patroni'], { role: 'master' }),
      'm1 and m3 are primaries: one of them would be rewound and lose its writes',
    ],
    ['no leader', withoutLeader, 'nobody leads pg-main: a failover would begin at once'],
    [
      'a leader that does not run',
      (state) => Object.assign(state.members['m3']!['/patroni'], { state: 'stopped' }),
      'the leader m3 does not run: a failover would begin at once',
    ],
  ])('resuming with %s is refused unless forced', async (_what, differs, problem) => {
    const steps = await planOf(patroniResume, {}, { state: 'paused', differs: differs! })
    expect(against(steps)).toContain(problem)
  })
})

describe('patroni-edit-config', () => {
  const plan = (patch: unknown, about?: Case) =>
    planOf(patroniEditConfig, { patch: JSON.stringify(patch) }, about)

  test('shows what differs from what Patroni has', async () => {
    const patch = { postgresql: { parameters: { max_connections: 120, work_mem: '8MB' } }, ttl: 5 }
    expect(await plan(patch)).toEqual([
      'postgresql.parameters.max_connections: 60 -> 120',
      'postgresql.parameters.work_mem: (none) -> 8MB',
      ...isWell,
    ])
    expect((await plan({ ttl: 5 }))[0]).toBe('nothing differs; nothing would be done')
  })

  test.each<[string, unknown, string, Case]>([
    [
      'leave Patroni no time',
      { retry_timeout: 3 },
      'loop_wait + 2 * retry_timeout would be 7 s, more than ttl (5 s)',
      {},
    ],
    ['pause', { pause: true }, 'pause is for patroni-pause and patroni-resume', {}],
    [
      'make it a standby cluster',
      { standby_cluster: { host: 'x' } },
      'standby_cluster makes the leader a standby, or promotes it',
      {},
    ],
    [
      'come while it is paused',
      { ttl: 30 },
      'pg-main is paused: Patroni does not manage it now',
      { state: 'paused' },
    ],
  ])('changes that %s are refused unless forced', async (_what, patch, problem, about) => {
    expect(against(await plan(patch, about))).toContain(problem)
  })

  test('a value that Patroni could not read cannot be forced', async () => {
    await expect(plan({ ttl: 'soon' })).rejects.toMatchObject({ code: 'REFUSED' })
  })
})

test('patroni-cancel-switchover takes back what is scheduled, and nothing else', async () => {
  expect(await planOf(patroniCancelSwitchover, {}, { state: 'scheduled' })).toEqual([
    'takes back the switchover of pg-main from m3 to any member at 2026-11-27T10:53:33.784000+00:00',
  ])
  expect(await planOf(patroniCancelSwitchover, {})).toEqual([
    'no switchover of pg-main is scheduled; nothing would be done',
  ])
})

test('patroni-reload says whose file is read', async () => {
  expect((await planOf(patroniReload, {}, { on: 'm2' }))[0]).toBe(
    'has Patroni of m2 read its file again; what takes a restart waits for it',
  )
})

test('an agent without a Patroni, and one with two of which none is named, say so', async () => {
  const { patronis } = await begin({})
  const args = patroniPause([]).args.parse({})
  await expect(patroniPause([]).plan(context, args)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  const two = patroniPause([...patronis, ...patronis])
  await expect(two.plan(context, args)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})
