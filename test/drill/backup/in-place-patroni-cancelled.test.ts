import { readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../../../testbed/wait.ts'
import { loseLedger, startPatroniHerd } from './patroni-herd.ts'

test('a restore that is cancelled between the two renames: the directory of before is put back, and Patroni leads by it', async () => {
  await using herd = await startPatroniHerd({ scope: 'ha-cancelled' })
  const { operator } = herd.fleet
  const leader = await herd.leader()
  const before = await loseLedger(herd, leader)
  // The data directory is on a file system that only its host has.
  const seen = (path: string): string => `/proc/${leader.host.initPid}/root${path}`
  const { dataDirectory } = leader
  const { ino } = statSync(seen(dataDirectory))

  const hold = herd.holdOf(leader)
  hold.arm(/^rename \S+\.restored-\S+ \S+\/pg$/)
  const command = ['run', 'backup-restore-in-place', `time=${before}`, '-n', herd.nodeOf(leader)] as const
  const sent = await operator.agentctl('-o', 'json', ...command, '--yes', '--detach')
  const [id = ''] = z.array(z.string()).parse(JSON.parse(sent.stdout))
  await hold.reached({ explain: herd.explain })
  await operator.agentctl('cancel', id)
  await waitFor(
    'the command to be cancelled',
    async () => (await operator.agentctl('commands', id)).stdout.includes('cancelled'),
    { timeoutMs: 30_000, explain: herd.explain },
  )
  hold.release()

  // Who has cancelled it got his answer while it still stood there; the log of the host tells the rest.
  await waitFor(
    'it to be undone',
    () => herd.agentOf(leader).logTail(50).includes('as it was before; Patroni was resumed'),
    { timeoutMs: 60_000, explain: herd.explain },
  )
  expect(await (await fetch(`${leader.patroniUrl}/config`)).json()).not.toHaveProperty('pause')
  expect(await herd.cluster.waitUntilHealthy()).toBe(leader)
  expect(statSync(seen(dataDirectory)).ino).toBe(ino)
  const names = readdirSync(seen(dirname(dataDirectory)))
  expect(names.filter((name) => name.includes('.before-'))).toEqual([])
  await expect(leader.query('select from ledger')).rejects.toThrow('does not exist')
}, 300_000)
