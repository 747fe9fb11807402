import { describe, expect, test } from 'vitest'
import type { Ending } from '../../../agent/actions/build-result.ts'
import { buildResult } from '../../../agent/actions/build-result.ts'
import { createBackgroundWork } from '../../../agent/actions/background-work.ts'
import { createLanes } from '../../../agent/actions/lanes.ts'
import { createLiveCommands } from '../../../agent/actions/live-commands.ts'
import { createTargets } from '../../../agent/actions/targets.ts'
import { silentLog } from '../../../common/log.ts'
import { signCommand } from '../../../common/command/sign.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import { anna } from './command-host.ts'
import { payloadAt, quietAgent, recordingActions, startMs } from './host.ts'

const node = { server: null, system_identifier: null, kind: 'ping', args: {} }

describe('a command whose turn has come and that does not run yet', () => {
  test.each(['while it is written down', 'while the keys are read'])(
    'is cancelled %s, and never runs',
    async (when) => {
      const clock = createManualClock(startMs)
      const ran: string[] = []
      const endings: Ending[] = []
      const gate = Promise.withResolvers<undefined>()
      const slow = (name: string) => (when.includes(name) ? gate.promise : Promise.resolve())
      const live = createLiveCommands({
        node: 'pg-main-1',
        agent: quietAgent,
        targets: createTargets([], clock, silentLog),
        trust: {
          async current() {
            await slow('keys')
            const policy = { time_zone: 'UTC', rules: [], require_two_operators: [] }
            return { operators: new Map([[anna.id, anna]]), policy }
          },
        },
        journal: { started: () => slow('written'), undo: () => Promise.resolve(), find: () => undefined },
        audit: { started: () => Promise.resolve() },
        endings: {
          finish(_, __, ending) {
            endings.push(ending)
            return Promise.resolve(buildResult(ending, clock.now()))
          },
        },
        work: createBackgroundWork({
          clock,
          log: silentLog,
          stopping: new AbortController().signal,
          retryMs: 1,
        }),
        send: () => undefined,
        clock,
        latestMs: () => clock.now(),
        lanes: createLanes(4),
        undoing: { take: () => false },
        stopping: new AbortController().signal,
      })
      const payload = payloadAt(clock.now(), node)
      const [action] = recordingActions(ran)
      const accepted = {
        ok: true,
        payload,
        operators: ['anna'],
        action: action!,
        args: {},
        remarks: [],
      } as const
      live.add(signCommand(payload, anna), accepted, false)
      await settled()
      const cancelled = live.cancel(payload.id, 'it was cancelled')
      gate.resolve(undefined)
      expect(await cancelled).toBe('cancelled. it was cancelled before it began; nothing was done.')
      expect(endings.map(({ outcome }) => outcome)).toEqual(['cancelled'])
      expect(ran).toEqual([])
    },
  )
})
