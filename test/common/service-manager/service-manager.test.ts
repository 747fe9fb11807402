import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../../common/log.ts'
import { createServiceManager, takeSupervision } from '../../../common/service-manager/service-manager.ts'
import type { ServiceManager } from '../../../common/service-manager/service-manager.ts'
import { createManualClock } from '../../manual-clock.ts'
import type { ManualClock } from '../../manual-clock.ts'

interface Started {
  readonly clock: ManualClock
  readonly told: string[]
  readonly manager: ServiceManager
}

function start(given: {
  readonly watchdogMs?: number
  readonly problem?: () => string | undefined
  readonly refuse?: () => boolean
}): Started {
  const clock = createManualClock()
  const told: string[] = []
  const manager = createServiceManager({
    supervision: { socket: '/run/systemd/notify', path: undefined, watchdogMs: given.watchdogMs },
    clock,
    log: silentLog,
    problem: given.problem ?? (() => undefined),
    notify: (assignments) => {
      if (given.refuse?.() === true) return Promise.reject(new Error('systemd-notify ended with 1'))
      told.push(assignments.join(' '))
      return Promise.resolve()
    },
  })
  onTestFinished(() => manager[Symbol.asyncDispose]())
  return { clock, told, manager }
}

test('nothing is told in a short start before the program is ready, and no ping without a watchdog', async () => {
  const { clock, told, manager } = start({})
  await clock.advance(29_000)
  expect(told).toEqual([])
  await manager.ready('watches 2 servers')
  await clock.advance(60_000)
  expect(told).toEqual(['READY=1 STATUS=watches 2 servers'])
})

test('the watchdog is fed twice in its time from the moment the program is ready until it stops', async () => {
  const { clock, told, manager } = start({ watchdogMs: 10_000 })
  await manager.ready('ready')
  await clock.advance(5_000)
  await manager.stopping()
  await clock.advance(60_000)
  expect(told.slice(1)).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1 STATUS=stopping'])
})

test('while there is a problem the watchdog is not fed, and the status says once why', async () => {
  let problem: string | undefined
  const { clock, told, manager } = start({ watchdogMs: 10_000, problem: () => problem })
  await manager.ready('ready')
  problem = 'nothing was measured for 30 s'
  await clock.advance(15_000)
  problem = undefined
  await clock.advance(5_000)
  expect(told.slice(2)).toEqual(['STATUS=nothing was measured for 30 s', 'WATCHDOG=1'])
})

test('a message that does not arrive ends nothing, and the next is tried', async () => {
  let refuse = true
  const { clock, told, manager } = start({ watchdogMs: 10_000, refuse: () => refuse })
  await manager.ready('ready')
  refuse = false
  await clock.advance(5_000)
  expect(told).toEqual(['WATCHDOG=1'])
})

test('one message that does not arrive costs no restart: the next follows long before the watchdog ends the program', async () => {
  let refuse = false
  const { clock, told, manager } = start({ watchdogMs: 10_000, refuse: () => refuse })
  await manager.ready('ready')
  refuse = true
  await clock.advance(5_000)
  refuse = false
  await clock.advance(1_000)
  expect(told.slice(1)).toEqual(['WATCHDOG=1', 'WATCHDOG=1'])
})

test('a start that takes long is given more time until it is done, but not while there is a problem', async () => {
  let problem: string | undefined
  const { clock, told, manager } = start({ problem: () => problem })
  await clock.advance(30_000)
  problem = 'nothing was measured for 30 s'
  await clock.advance(30_000)
  problem = undefined
  await clock.advance(30_000)
  await manager.ready('ready')
  await clock.advance(90_000)
  const more = 'EXTEND_TIMEOUT_USEC=90000000'
  expect(told).toEqual([more, more, 'READY=1 STATUS=ready'])
})

test('the end does not wait for a ping that hangs', async () => {
  const told: string[] = []
  const manager = createServiceManager({
    supervision: { socket: '/run/systemd/notify', path: undefined, watchdogMs: 10_000 },
    clock: createManualClock(),
    log: silentLog,
    problem: () => undefined,
    notify: (assignments, signal) => {
      told.push(assignments.join(' '))
      return assignments[0] === 'WATCHDOG=1' && signal !== undefined
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
        : Promise.resolve()
    },
  })
  await manager.ready('ready')
  await manager.stopping()
  expect(told).toEqual(['READY=1 STATUS=ready', 'WATCHDOG=1', 'STOPPING=1 STATUS=stopping'])
})

test('what systemd says is taken out of the environment, so that no child speaks in its name', () => {
  const environment: NodeJS.ProcessEnv = {
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: '7',
    PATH: '/usr/bin',
  }
  expect(takeSupervision(environment, 7)).toEqual({
    socket: '/run/systemd/notify',
    path: '/usr/bin',
    watchdogMs: 30_000,
  })
  expect(environment).toEqual({ PATH: '/usr/bin' })
})

test.each([
  ['of another process', { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }],
  ['without a time', { NOTIFY_SOCKET: '@n' }],
  ['with a time that is none', { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '0' }],
])('a watchdog %s is none', (_, environment) => {
  expect(takeSupervision({ ...environment }, 7)?.watchdogMs).toBeUndefined()
})

test('without a socket nobody supervises', () => {
  expect(takeSupervision({ WATCHDOG_USEC: '30000000' }, 7)).toBeUndefined()
})
