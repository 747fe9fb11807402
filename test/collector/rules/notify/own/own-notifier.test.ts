import type { DatabaseSync } from 'node:sqlite'
import { Registry } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseMatcher } from '../../../../../common/alerts/matcher-text.ts'
import { PgherdError } from '../../../../../common/errors.ts'
import { silentLog } from '../../../../../common/log.ts'
import type { InhibitRule } from '../../../../../collector/rules/notify/own/inhibition.ts'
import { statusOf } from '../../../../../collector/rules/notify/own/notification.ts'
import type { NotifyTarget } from '../../../../../collector/rules/notify/own/notification.ts'
import type { Route } from '../../../../../collector/rules/notify/own/route.ts'
import { createOwnNotifier } from '../../../../../collector/rules/notify/own/own-notifier.ts'
import type { AlertNotification } from '../../../../../collector/rules/rule-types.ts'
import { matchLabels } from '../../../../../collector/rules/silences/match-labels.ts'
import { createManualClock } from '../../../../manual-clock.ts'
import type { ManualClock } from '../../../../manual-clock.ts'
import { fleetDatabase } from '../../silences/fleet-database.ts'

const minute = 60_000
const hour = 60 * minute

interface Lab {
  readonly clock: ManualClock
  readonly database: DatabaseSync
  /** What was taken, as `time in seconds: status names`. */
  readonly taken: string[]
  /** Says why a target takes nothing. */
  problem: Error | undefined
  readonly silenced: Set<string>
}

function newLab(): Lab {
  return {
    clock: createManualClock(),
    database: fleetDatabase(),
    taken: [],
    problem: undefined,
    silenced: new Set(),
  }
}

function recordingTarget(lab: Lab, name = 'people'): NotifyTarget & { attempts: number } {
  return {
    name,
    key: name,
    attempts: 0,
    send(notification) {
      this.attempts++
      if (lab.problem !== undefined) return Promise.reject(lab.problem)
      const alerts = notification.alerts.map(
        ({ labels, endedAtMs }) =>
          `${endedAtMs === undefined ? '+' : '-'}${labels['ins'] ?? labels['alertname'] ?? ''}`,
      )
      lab.taken.push(`${lab.clock.now() / 1000}: ${statusOf(notification)} ${alerts.join(' ')}`)
      return Promise.resolve()
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const slow: Route = {
  key: '{}/{slow}',
  fits: ({ slow: isSlow }) => isSlow === 'yes',
  groupBy: ['...'],
  groupWaitMs: 60_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: hour,
  routes: [],
}
const root: Route = {
  key: '{}',
  fits: () => true,
  groupBy: ['alertname', 'cls'],
  groupWaitMs: 5_000,
  groupIntervalMs: 30_000,
  repeatIntervalMs: 20 * minute,
  routes: [slow],
}

function startNotifier(
  lab: Lab,
  {
    inhibitRules = [],
    targets = [recordingTarget(lab)],
  }: { inhibitRules?: InhibitRule[]; targets?: NotifyTarget[] } = {},
) {
  const registry = new Registry()
  const notifier = createOwnNotifier({
    targets,
    database: lab.database,
    isSilenced: (labels) => lab.silenced.has(labels['ins'] ?? ''),
    routing: { root, inhibitRules },
    clock: lab.clock,
    log: silentLog,
    registry,
    random: () => 1,
  })
  let stopped: PromiseLike<void> | undefined
  const stop = async (): Promise<void> => {
    stopped ??= notifier[Symbol.asyncDispose]()
    await stopped
  }
  onTestFinished(stop)
  return { ...notifier, registry, stop }
}

/** Fires from the moment of the call unless told, for the next four minutes, as the rules tell it. */
function firing(lab: Lab, ins: string, labels: Readonly<Record<string, string>> = {}): AlertNotification {
  return {
    labels: { alertname: 'PostgresDown', cls: 'pg-main', ins, ...labels },
    annotations: { summary: `${ins} is down` },
    startsAtMs: lab.clock.now(),
    endsAtMs: lab.clock.now() + 4 * minute,
    generatorUrl: undefined,
  }
}

function ended(lab: Lab, alert: AlertNotification): AlertNotification {
  return { ...alert, endsAtMs: lab.clock.now() }
}

/** The rules tell what fires every minute. */
async function pass(
  lab: Lab,
  ms: number,
  notifier: { notify: (given: AlertNotification[]) => void },
  alerts: AlertNotification[],
) {
  for (let left = ms; left > 0; left -= minute) {
    await lab.clock.advance(Math.min(minute, left))
    notifier.notify(alerts.map((alert) => ({ ...alert, endsAtMs: lab.clock.now() + 4 * minute })))
  }
}

describe('a group of alerts', () => {
  test('is told once, with what fires at the same time, and its end follows', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const [one, two] = [firing(lab, 'pg-main-1'), firing(lab, 'pg-main-2')]
    notifier.notify([one])
    await lab.clock.advance(2_000)
    notifier.notify([two])
    await lab.clock.advance(10_000)
    await pass(lab, 10 * minute, notifier, [one, two])
    notifier.notify([ended(lab, one), ended(lab, two)])
    await lab.clock.advance(5_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1 +pg-main-2', '613: resolved -pg-main-1 -pg-main-2'])
  })

  test('that grows is told again, half a minute after the message before at the earliest', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    notifier.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(10_000)
    notifier.notify([firing(lab, 'pg-main-2')])
    await lab.clock.advance(60_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1', '35: firing +pg-main-1 +pg-main-2'])
  })

  test('is one of its labels: other clusters and other alerts have messages of their own', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    notifier.notify([
      firing(lab, 'pg-main-1'),
      firing(lab, 'pg-test-1', { cls: 'pg-test' }),
      firing(lab, 'pg-main-3', { alertname: 'DiskFull' }),
    ])
    await lab.clock.advance(20_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1', '5: firing +pg-test-1', '5: firing +pg-main-3'])
  })

  test('is told at the times of its route', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    notifier.notify([firing(lab, 'pg-main-1', { slow: 'yes' }), firing(lab, 'pg-main-2', { slow: 'yes' })])
    await lab.clock.advance(2 * minute)
    expect(lab.taken).toEqual(['60: firing +pg-main-1', '60: firing +pg-main-2'])
  })

  test('that goes on is told again after the repeat interval, and not before', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await pass(lab, 19 * minute, notifier, [alert])
    expect(lab.taken).toEqual(['5: firing +pg-main-1'])
    await pass(lab, 2 * minute, notifier, [alert])
    expect(lab.taken).toHaveLength(2)
  })

  test('of which one ends says so, with those that still fire', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const [one, two] = [firing(lab, 'pg-main-1'), firing(lab, 'pg-main-2')]
    notifier.notify([one, two])
    await lab.clock.advance(60_000)
    notifier.notify([ended(lab, one)])
    await lab.clock.advance(5_000)
    expect(lab.taken.at(-1)).toBe('61: firing +pg-main-2 -pg-main-1')
  })

  test('that ended before anybody was told is not told', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await lab.clock.advance(3_000)
    notifier.notify([ended(lab, alert)])
    await lab.clock.advance(20 * minute)
    expect(lab.taken).toEqual([])
  })

  test('that fires again after its end is told again', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await lab.clock.advance(60_000)
    notifier.notify([ended(lab, alert)])
    await lab.clock.advance(60_000)
    notifier.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(10_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1', '61: resolved -pg-main-1', '126: firing +pg-main-1'])
  })

  test('that comes and goes faster than a message waits is told all the same', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    for (let i = 0; i < 4; i++) {
      const alert = firing(lab, 'pg-main-1')
      notifier.notify([alert])
      await lab.clock.advance(4_000)
      notifier.notify([ended(lab, alert)])
      await lab.clock.advance(3_000)
    }
    expect(lab.taken).toEqual(['8: firing +pg-main-1'])
  })

  test('of which the rules say nothing any more has ended at the time that they told last', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    notifier.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(5 * minute)
    expect(lab.taken).toEqual(['5: firing +pg-main-1', '240: resolved -pg-main-1'])
  })
})

describe('a clock that is set', () => {
  test('forward ends no alert of which the rules go on to tell', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await lab.clock.advance(10_000)
    lab.clock.jump(10 * minute)
    await lab.clock.advance(30_000)
    await pass(lab, 2 * minute, notifier, [alert])
    expect(lab.taken).toEqual(['5: firing +pg-main-1'])
    await lab.clock.advance(5 * minute)
    expect(lab.taken.slice(1)).toEqual([expect.stringContaining('resolved -pg-main-1')])
  })

  test('back keeps nobody waiting for what is new or over', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    await lab.clock.advance(2 * hour)
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await lab.clock.advance(10_000)
    lab.clock.jump(-hour)
    const other = firing(lab, 'pg-main-2')
    notifier.notify([other])
    await lab.clock.advance(10_000)
    notifier.notify([ended(lab, alert)])
    await lab.clock.advance(40_000)
    expect(lab.taken).toEqual([
      '7205: firing +pg-main-1',
      expect.stringMatching(/^36\d\d: firing \+pg-main-2 \+pg-main-1$/),
      expect.stringMatching(/^36\d\d: firing \+pg-main-2 -pg-main-1$/),
    ])
  })
})

describe('a target that takes nothing', () => {
  test('is tried again, longer and longer apart, with what is the case then', async () => {
    const lab = newLab()
    const target = recordingTarget(lab)
    const notifier = startNotifier(lab, { targets: [target] })
    lab.problem = new PgherdError('UNREACHABLE', 'status 503')
    const [one, two] = [firing(lab, 'pg-main-1'), firing(lab, 'pg-main-2')]
    notifier.notify([one, two])
    await lab.clock.advance(60_000)
    expect(target.attempts).toBeGreaterThan(3)
    expect(target.attempts).toBeLessThan(8)
    expect(notifier.look()).toMatchObject([
      { name: 'people', up: false, lastError: 'status 503', waiting: 1 },
    ])
    notifier.notify([ended(lab, one)])
    lab.problem = undefined
    await lab.clock.advance(60_000)
    expect(lab.taken).toHaveLength(1)
    expect(lab.taken[0]).toMatch(/: firing \+pg-main-2$/)
    expect(notifier.look()).toMatchObject([{ up: true, waiting: 0 }])
    expect(await notifier.registry.metrics()).toContain(
      'pgherd_collector_notify_sent_total{target="people"} 1',
    )
  })

  test('in time is told what is the case when its turn comes, and new groups before those that have failed', async () => {
    const lab = newLab()
    const told: string[] = []
    const slowTarget: NotifyTarget = {
      ...{ name: 'slow', key: 'slow', [Symbol.asyncDispose]: () => Promise.resolve() },
      async send({ groupLabels, alerts }, signal) {
        told.push(`${groupLabels['cls'] ?? ''} ${alerts.length}`)
        await lab.clock.sleep(10_000, signal)
        throw new PgherdError('TIMED_OUT', 'no answer')
      },
    }
    const notifier = startNotifier(lab, { targets: [slowTarget] })
    const alerts = ['a', 'b', 'c', 'd'].map((cls) => firing(lab, `${cls}-1`, { cls }))
    notifier.notify(alerts)
    await lab.clock.advance(8_000)
    expect(told).toEqual(['a 1'])
    notifier.notify([
      ended(lab, alerts[1]!),
      firing(lab, 'c-2', { cls: 'c' }),
      firing(lab, 'e-1', { cls: 'e' }),
    ])
    await lab.clock.advance(40_000)
    // b has ended; e is told before a is tried again.
    expect(told.slice(0, 4)).toEqual(['a 1', 'c 2', 'd 1', 'e 1'])
    await lab.clock.advance(60_000)
    expect(told.slice(4)).toContain('a 1')
    expect(told.filter((one) => one.startsWith('b'))).toEqual([])
  })

  test('keeps nobody else from being told', async () => {
    const lab = newLab()
    const deaf: NotifyTarget = {
      name: 'deaf',
      key: 'deaf',
      send: (_notification, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('cancelled')), { once: true }),
        ),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
    const notifier = startNotifier(lab, { targets: [deaf, recordingTarget(lab)] })
    notifier.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(10_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1'])
  })

  test('is not told of what ended meanwhile', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    lab.problem = new PgherdError('TIMED_OUT', 'no answer')
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await lab.clock.advance(10_000)
    notifier.notify([ended(lab, alert)])
    await lab.clock.advance(2_000)
    lab.problem = undefined
    await lab.clock.advance(10 * minute)
    expect(lab.taken).toEqual([])
    expect(notifier.look()).toMatchObject([{ waiting: 0 }])
  })
})

describe('a restart', () => {
  test('tells nothing twice, although the rules find the alert anew', async () => {
    const lab = newLab()
    const before = startNotifier(lab)
    before.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(10_000)
    await before.stop()
    await lab.clock.advance(minute)
    const after = startNotifier(lab)
    await lab.clock.advance(15_000)
    const again = firing(lab, 'pg-main-1')
    after.notify([again])
    await pass(lab, 15 * minute, after, [again])
    expect(lab.taken).toEqual(['5: firing +pg-main-1'])
    after.notify([ended(lab, again)])
    await lab.clock.advance(10_000)
    expect(lab.taken.at(-1)).toMatch(/: resolved -pg-main-1$/)
    expect(lab.taken).toHaveLength(2)
  })

  test('tells the end of what ended while nobody looked', async () => {
    const lab = newLab()
    const before = startNotifier(lab)
    before.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(10_000)
    await before.stop()
    await lab.clock.advance(hour)
    startNotifier(lab)
    await lab.clock.advance(6 * minute)
    expect(lab.taken).toHaveLength(2)
    expect(lab.taken.at(-1)).toMatch(/: resolved -pg-main-1$/)
  })

  test('with other targets forgets what those before were told', async () => {
    const lab = newLab()
    const before = startNotifier(lab)
    before.notify([firing(lab, 'pg-main-1')])
    await lab.clock.advance(10_000)
    await before.stop()
    startNotifier(lab, { targets: [recordingTarget(lab, 'others')] })
    await lab.clock.advance(minute)
    expect(lab.taken).toHaveLength(1)
    expect(lab.database.prepare('SELECT * FROM notify_log').all()).toEqual([])
  })
})

describe('what is silenced', () => {
  test('is not told, and when the silence ends it is, half a minute later', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    lab.silenced.add('pg-main-1')
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await pass(lab, 10 * minute, notifier, [alert])
    expect(lab.taken).toEqual([])
    lab.silenced.clear()
    await pass(lab, minute, notifier, [alert])
    expect(lab.taken).toHaveLength(1)
  })

  test('after it was told is not told any more: neither repeated, nor its end', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    const alert = firing(lab, 'pg-main-1')
    notifier.notify([alert])
    await lab.clock.advance(10_000)
    lab.silenced.add('pg-main-1')
    await pass(lab, 30 * minute, notifier, [alert])
    notifier.notify([ended(lab, alert)])
    await lab.clock.advance(20 * minute)
    lab.silenced.clear()
    await lab.clock.advance(20 * minute)
    expect(lab.taken).toEqual(['5: firing +pg-main-1'])
  })

  test('leaves the others of its group', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab)
    lab.silenced.add('pg-main-1')
    notifier.notify([firing(lab, 'pg-main-1'), firing(lab, 'pg-main-2')])
    await lab.clock.advance(10_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-2'])
  })
})

describe('what another alert tells', () => {
  const inhibitRules: InhibitRule[] = [
    {
      isSource: matchLabels([parseMatcher('alertname=PostgresDown')]),
      isTarget: matchLabels([parseMatcher('severity=WARN')]),
      equal: ['cls'],
    },
  ]
  const sibling = { alertname: 'ReplicationLag', severity: 'WARN' }

  test('is not told while that one fires, in the same cluster only', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab, { inhibitRules })
    notifier.notify([
      firing(lab, 'pg-main-2', sibling),
      firing(lab, 'pg-main-1'),
      firing(lab, 'pg-test-2', { ...sibling, cls: 'pg-test' }),
    ])
    await lab.clock.advance(20_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1', '5: firing +pg-test-2'])
  })

  test('is told when it outlives that one by more than a moment', async () => {
    const lab = newLab()
    const notifier = startNotifier(lab, { inhibitRules })
    const [down, lag] = [firing(lab, 'pg-main-1'), firing(lab, 'pg-main-2', sibling)]
    notifier.notify([down, lag])
    await lab.clock.advance(60_000)
    notifier.notify([ended(lab, down)])
    await lab.clock.advance(20_000)
    expect(lab.taken).toEqual(['5: firing +pg-main-1', '61: resolved -pg-main-1'])
    await lab.clock.advance(20_000)
    expect(lab.taken.at(-1)).toMatch(/: firing \+pg-main-2$/)
  })
})
