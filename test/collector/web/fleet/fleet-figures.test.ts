import { expect, test } from 'vitest'
import { collectorClient } from '../../../../collector/web/api/client.ts'
import { backupAge } from '../../../../collector/web/fleet/backup-age.ts'
import { loadFigures } from '../../../../collector/web/fleet/fleet-figures.ts'

const idle = new AbortController().signal

/** A collector that answers one sample to queries with this text, and refuses the others. */
function knowing(text: string) {
  return collectorClient((path) => {
    const query = new URLSearchParams((path as string).split('?')[1]).get('query') ?? ''
    if (!query.includes(text)) return Promise.resolve(new Response('{}', { status: 422 }))
    const result = [{ metric: { cluster: 'pg', ins: 'pg-1' }, value: [1, '7'] }]
    const data = { resultType: 'vector', result }
    return Promise.resolve(new Response(JSON.stringify({ status: 'success', data })))
  })
}

test('a figure that fails costs itself', async () => {
  const figures = await loadFigures(knowing('backup'), idle)
  expect(figures.backups.get('pg')).toBe(7)
  expect(figures.cpu.size).toBe(0)
})

test('all failing is a failure', async () => {
  await expect(loadFigures(knowing('nothing'), idle)).rejects.toThrow('HTTP 422')
})

test.each([
  [undefined, 'no backup known'],
  [990, 'backup just now'],
  [1000 - 3720, 'backup 1 h 2 min old'],
])('a backup that ended at %s', (at, text) => expect(backupAge(at, 1_000_000)).toBe(text))
