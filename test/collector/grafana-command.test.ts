import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBoardFiles } from '../../collector/board-files.ts'
import { runGrafana } from '../../collector/grafana-command.ts'
import { createHttpClient } from '../../common/http-client.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { adminToken, startFakeGrafana, viewerToken } from './grafana/fake-grafana.ts'
import type { FakeGrafana } from './grafana/fake-grafana.ts'

const boards = createBoardFiles(fileURLToPath(new URL('../../dashboards/json', import.meta.url)))
const count = boards.list().length

/** Runs the command and resolves to its lines. */
async function provision(
  grafana: Pick<FakeGrafana, 'url'>,
  more: readonly string[] = [],
  token = adminToken,
): Promise<readonly string[]> {
  const directory = createOwnDirectory({ prefix: 'pgherd-grafana-' })
  const http = createHttpClient()
  onTestFinished(() => {
    http[Symbol.dispose]()
    directory[Symbol.dispose]()
  })
  const file = join(directory.path, 'token')
  writeFileSync(file, `${token}\n`)
  const credentials = more.includes('--user') ? ['--password-file', file] : ['--token-file', file]
  const lines: string[] = []
  await runGrafana({
    argv: ['provision', grafana.url, '--collector-url', 'https://pgherd:8432/', ...credentials, ...more],
    boards,
    http,
    print: (line) => lines.push(line),
  })
  return lines
}

const containing = (text: string): string => expect.stringContaining(text) as string
const writesOf = (grafana: FakeGrafana): number => grafana.writes.length

describe('pgherd-collector grafana provision', () => {
  test('makes the data source, the folder and every dashboard in it', async () => {
    const grafana = await startFakeGrafana()
    const lines = await provision(grafana)
    expect(lines).toHaveLength(count + 2)
    expect(lines.every((line) => line.endsWith(': created'))).toBe(true)
    expect(grafana.dataSources.get('pgherd')).toMatchObject({
      ...{ type: 'prometheus', url: 'https://pgherd:8432', access: 'proxy' },
      jsonData: { httpMethod: 'POST', timeInterval: '10s' },
    })
    expect([...grafana.folders]).toEqual([['pgherd', 'pgherd']])
    expect([...grafana.boards.keys()].sort()).toEqual(
      boards
        .list()
        .map(({ uid }) => uid)
        .sort(),
    )
    expect([...grafana.boards.values()].every(({ folderUid }) => folderUid === 'pgherd')).toBe(true)
  })

  test('the choice of the data source begins with ours', async () => {
    const grafana = await startFakeGrafana()
    await provision(grafana, ['--datasource-name', 'herd'])
    const { templating } = grafana.boards.get('pgherd-node')!.dashboard as unknown as {
      templating: { list: { name: string; current?: unknown }[] }
    }
    expect(templating.list.find(({ name }) => name === 'datasource')?.current).toEqual({
      ...{ selected: true, text: 'herd', value: 'pgherd' },
    })
  })

  test('a second time changes nothing', async () => {
    const grafana = await startFakeGrafana()
    await provision(grafana)
    const writes = writesOf(grafana)
    const lines = await provision(grafana)
    expect(lines.every((line) => line.endsWith(': unchanged'))).toBe(true)
    expect(writesOf(grafana)).toBe(writes)
  })

  test('--dry-run writes nothing and tells what would be done', async () => {
    const grafana = await startFakeGrafana()
    const lines = await provision(grafana, ['--dry-run'])
    expect(lines).toHaveLength(count + 2)
    expect(lines.every((line) => line.endsWith(': would be created'))).toBe(true)
    expect(grafana.writes).toEqual([])
  })

  test('what somebody has changed is brought back, and nothing else', async () => {
    const grafana = await startFakeGrafana()
    await provision(grafana)
    const changed = grafana.boards.get('pgherd-fleet')!
    changed.dashboard['title'] = 'mine'
    changed.dashboard.version++
    grafana.boards.get('pgherd-disk')!.folderUid = 'elsewhere'
    Object.assign(grafana.dataSources.get('pgherd')!, { url: 'http://old:1' })
    const lines = await provision(grafana)
    expect(lines.filter((line) => !line.endsWith(': unchanged'))).toEqual([
      'data source pgherd: updated',
      'dashboard pgherd: Disk: updated',
      'dashboard pgherd: Fleet: updated',
    ])
    expect(grafana.boards.get('pgherd-fleet')!.dashboard['title']).toBe('pgherd: Fleet')
    expect(grafana.boards.get('pgherd-disk')!.folderUid).toBe('pgherd')
    expect(grafana.dataSources.get('pgherd')!['url']).toBe('https://pgherd:8432')
  })

  test('who saves a dashboard at the same time is not overwritten unseen: it is read once more', async () => {
    const grafana = await startFakeGrafana()
    await provision(grafana)
    const board = grafana.boards.get('pgherd-alerts')!
    board.dashboard['title'] = 'mine'
    grafana.beforeSave = () => {
      board.dashboard.version++
    }
    const lines = await provision(grafana)
    expect(lines).toContain('dashboard pgherd: Alerts: updated')
    expect(grafana.boards.get('pgherd-alerts')!.dashboard['title']).toBe('pgherd: Alerts')
  })

  test('secrets are written each time they are given, and never read', async () => {
    const grafana = await startFakeGrafana()
    const directory = createOwnDirectory({ prefix: 'pgherd-grafana-' })
    onTestFinished(() => directory[Symbol.dispose]())
    const file = join(directory.path, 'collector-token')
    writeFileSync(file, 'viewer-token\n')
    await provision(grafana, ['--collector-token-file', file])
    expect(grafana.dataSources.get('pgherd')).toMatchObject({
      jsonData: { httpHeaderName1: 'Authorization' },
      secureJsonFields: { httpHeaderValue1: true },
    })
    const lines = await provision(grafana, ['--collector-token-file', file])
    expect(lines[0]).toBe('data source pgherd: updated')
  })

  test('a folder of that title is used, whatever its address; one that came meanwhile too', async () => {
    const grafana = await startFakeGrafana()
    grafana.folders.set('abc', 'Databases')
    expect(await provision(grafana, ['--folder', 'Databases'])).toContain('folder Databases: unchanged')
    expect(grafana.boards.get('pgherd-fleet')!.folderUid).toBe('abc')
    grafana.beforeFolder = () => void grafana.folders.set('xyz', 'Others')
    expect(await provision(grafana, ['--folder', 'Others'])).toContain('folder Others: unchanged')
    expect(grafana.boards.get('pgherd-fleet')!.folderUid).toBe('xyz')
  })

  test('a user and a password do as well', async () => {
    const grafana = await startFakeGrafana()
    expect(await provision(grafana, ['--user', 'admin'], 'secret')).toHaveLength(count + 2)
  })
})

describe('what is refused', () => {
  test.each([
    ['a token that Grafana does not know', 'nobody', 'UNAUTHENTICATED'],
    ['a token that may only look', viewerToken, 'REFUSED'],
  ])('%s', async (_, token, code) => {
    const grafana = await startFakeGrafana()
    await expect(provision(grafana, [], token)).rejects.toMatchObject({ code })
    expect(grafana.writes).toEqual([])
  })

  test('the name of another data source', async () => {
    const grafana = await startFakeGrafana()
    grafana.dataSources.set('other', { uid: 'other', name: 'pgherd' })
    await expect(provision(grafana)).rejects.toMatchObject({
      code: 'REFUSED',
      message: containing('--datasource-name'),
    })
  })

  test('the address of a dashboard that is not ours', async () => {
    const grafana = await startFakeGrafana()
    grafana.boards.set('pgherd-disk', {
      folderUid: 'x',
      dashboard: { title: 'theirs', tags: [], version: 3 },
    })
    await expect(provision(grafana)).rejects.toMatchObject({
      code: 'REFUSED',
      message: containing('/d/pgherd-disk'),
    })
    expect(grafana.boards.get('pgherd-disk')!.dashboard['title']).toBe('theirs')
  })

  test('the title of another dashboard in the folder', async () => {
    const grafana = await startFakeGrafana()
    grafana.folders.set('pgherd', 'pgherd')
    grafana.boards.set('abc', {
      folderUid: 'pgherd',
      dashboard: { title: 'pgherd: Disk', tags: [], version: 1 },
    })
    await expect(provision(grafana)).rejects.toMatchObject({
      code: 'REFUSED',
      message: containing('pgherd: Disk'),
    })
  })

  test('an address that is not Grafana', async () => {
    const grafana = await startFakeGrafana()
    const wrong = { url: grafana.url.replace('/grafana', '') }
    await expect(provision(wrong)).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
  })

  test.each([
    [['provision', 'ftp://x', '--collector-url', 'http://c', '--token-file', '/dev/null'], 'URL'],
    [['provision', 'http://x', '--collector-url', 'http://c'], '--token-file'],
    [['provision', 'http://x', '--token-file', 'x'], '--collector-url'],
    [
      ['provision', 'http://x', '--collector-url', 'http://c', '--token-file', '/nonexistent'],
      '/nonexistent',
    ],
  ])('%j', async (argv, said) => {
    using http = createHttpClient()
    const wrong = runGrafana({ argv, boards, http, print: () => undefined })
    await expect(wrong).rejects.toMatchObject({ code: 'USAGE', message: containing(said) })
  })
})
