import { readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { loseLedger, startPatroniHerd } from './patroni-herd.ts'

test('a restored server that Patroni cannot start: the directory of before is put back, Patroni leads by it and is resumed', async () => {
  await using herd = await startPatroniHerd({ scope: 'ha-undone' })
  const leader = await herd.leader()
  const before = await loseLedger(herd, leader)
  const { dataDirectory } = leader
  // The data directory is on a file system that only its host has.
  const seen = (path: string): string => `/proc/${leader.host.initPid}/root${path}`
  const names = (): readonly string[] => readdirSync(seen(dirname(dataDirectory)))
  const { ino } = statSync(seen(dataDirectory))

  const hold = herd.holdOf(leader)
  hold.arm(/^rename \S+\/pg \S+\.before-/)
  const asked = herd.backup(leader, 'restore', '--in-place', '--to', before, '--yes')
  await hold.reached({ explain: herd.explain })
  const restored = names().find((name) => name.includes('.restored-') && !name.endsWith('.tablespaces'))
  rmSync(join(seen(dirname(dataDirectory)), restored!, 'global', 'pg_control'))
  hold.release()
  const { status, stdout, stderr } = await asked
  const said = `${stdout}${stderr}`

  expect(status, said).toBe(1)
  expect(said).toContain(`the server runs on ${dataDirectory} as it was before`)
  expect(said).toContain(`what was restored is kept as ${dirname(dataDirectory)}/${restored!}`)
  expect(said).toContain('Patroni was resumed')
  expect(statSync(seen(dataDirectory)).ino).toBe(ino)
  expect(names().filter((name) => name.includes('.before-'))).toEqual([])
  expect(await herd.cluster.waitUntilHealthy()).toBe(leader)
  await expect(leader.query('select from ledger')).rejects.toThrow('does not exist')
  const config = await fetch(`${leader.patroniUrl}/config`)
  expect(await config.json()).not.toHaveProperty('pause')
}, 300_000)
