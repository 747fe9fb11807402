import { describe, expect, test } from 'vitest'
import { patroniOfServer } from '../../../agent/health/patroni-of-server.ts'
import type { PatroniSeen } from '../../../agent/health/patroni-watch.ts'

const addresses = new Set(['10.0.0.1'])

function seen(ports: readonly (number | null)[]): PatroniSeen {
  const members = ports.map((port) => ({
    ...{ member: `at-${port}`, host: '10.0.0.1', port, role: 'replica', state: 'running' },
    ...{ timeline: 1, lagBytes: 0, apiUrl: null },
  }))
  const settings = {
    ...{ ttlSeconds: null, loopWaitSeconds: null, retryTimeoutSeconds: null, failsafeMode: null },
    ...{ maximumLagOnFailoverBytes: null, primaryStartTimeoutSeconds: null, synchronousMode: null },
    ...{ synchronousModeStrict: null, isStandbyCluster: null },
  }
  return {
    ...{ hasFailed: false, node: undefined, scheduledSwitchover: undefined, history: [] },
    members,
    settings,
  }
}

describe('of several servers on a host', () => {
  test('each has the Patroni whose member has its port', () => {
    const [one, other] = [seen([5432]), seen([5433])]
    expect(patroniOfServer([one, other], 2, { addresses, port: 5433 })).toBe(other)
  })

  test('none is without Patroni while one has not told whose it is, as when it was dead before the agent began', () => {
    const silent = seen([])
    expect(patroniOfServer([silent], 2, { addresses, port: 5432 })).toBe(silent)
    expect(patroniOfServer([silent], 2, { addresses, port: 5433 })).toBe(silent)
  })

  test('one is without Patroni when each Patroni has told that it is on another port', () => {
    expect(patroniOfServer([seen([5432])], 2, { addresses, port: 5433 })).toBeUndefined()
  })

  test('one that is placed keeps its own beside a Patroni that is silent', () => {
    const own = seen([5432])
    expect(patroniOfServer([seen([]), own], 2, { addresses, port: 5432 })).toBe(own)
  })
})
