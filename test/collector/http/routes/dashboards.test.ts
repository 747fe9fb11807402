import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createBoardFiles } from '../../../../collector/board-files.ts'
import { uids } from '../../../../dashboards/kit/uids.ts'
import { startServer } from '../test-server.ts'

const boards = createBoardFiles(fileURLToPath(new URL('../../../../dashboards/json', import.meta.url)))
const start = () => startServer({ boards })

test('the list names every dashboard with its address and its file', async () => {
  const server = await start()
  const answer = await server.inject({ url: '/dashboards/' })
  expect(answer.statusCode).toBe(200)
  const list = answer.json<{ uid: string; title: string; tags: string[]; file: string }[]>()
  expect(list.map(({ uid }) => uid).sort()).toEqual(Object.values(uids).sort())
  expect(list.find(({ uid }) => uid === 'pgherd-fleet')).toEqual({
    uid: 'pgherd-fleet',
    title: 'pgherd: Fleet',
    tags: ['pgherd', 'fleet'],
    file: 'fleet.json',
  })
})

test('a dashboard is its file; who has it is told so', async () => {
  const server = await start()
  const answer = await server.inject({ url: '/dashboards/node.json' })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toMatch('application/json')
  expect(answer.body).toBe(boards.text('node.json'))
  const etag = answer.headers.etag!
  const again = await server.inject({ url: '/dashboards/node.json', headers: { 'if-none-match': etag } })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  const other = await server.inject({ url: '/dashboards/disk.json', headers: { 'if-none-match': etag } })
  expect(other.statusCode).toBe(200)
})

test.each(['/dashboards/nobody.json', '/dashboards/..%2f..%2fpackage.json', '/dashboards/fleet'])(
  '%s is no dashboard',
  async (url) => {
    const server = await start()
    expect((await server.inject({ url })).statusCode).toBe(404)
  },
)

test('an installation without dashboards has an empty list', () => {
  expect(createBoardFiles('/nonexistent').list()).toEqual([])
})
