import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readKnownPasswords } from '../../../common/known-passwords/known-passwords.ts'
import { eventsAnswer } from '../../../common/wire/events.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startHerd } from '../../system/herd.ts'
import type { Herd } from '../../system/herd.ts'

const sample = readKnownPasswords().find(({ user }) => user === 'dbuser_monitor')!

test('a sample password is an event once and an alert, and stands nowhere', async () => {
  await using herd = await startHerd({ agent: { 'secrets.after': '1s', 'secrets.interval': '1m' } })
  const { postgres } = herd
  writeOwned(
    join(postgres.dataDirectory, 'pg_hba.conf'),
    'local all all trust\nhost all pgherd all trust\nhost all all all scram-sha-256\n',
  )
  await postgres.query('select pg_reload_conf()')
  await postgres.query(`create role dbuser_monitor login password '${sample.password}'`)

  const found = 'pgherd_default_passwords{user="dbuser_monitor"}'
  const firing = 'ALERTS{alertname="DefaultPassword",alertstate="firing"}'
  await waitFor('the figure', async () => (await herd.instant(found)).length > 0, { timeoutMs: 90_000 })
  await waitFor('the alert', async () => (await herd.instant(firing)).length > 0, { timeoutMs: 90_000 })
  const told = await waitFor('the event', async () => {
    const events = await eventsOf(herd)
    return events.length > 0 ? events : undefined
  })
  expect(told).toHaveLength(1)
  expect(told[0]?.text).toContain(sample.setting)
  expect(await filesWith(herd.directory, sample.password)).toEqual([])
})

async function eventsOf(herd: Herd) {
  const response = await fetch(`${herd.collector.url}/api/v1/events?type=default-password`)
  return eventsAnswer.parse(await response.json()).data
}

async function filesWith(directory: string, word: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const texts = await Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(path) })))
  return texts.filter(({ bytes }) => bytes.includes(word)).map(({ path }) => path)
}
