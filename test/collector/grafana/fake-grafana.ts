import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

/**
 * Stands in for Grafana, which no Debian package brings: the part of its HTTP API that is used, with the answers that its
 * reference documents (grafana.com/docs/grafana/latest/developers/http_api: data_source, folder, dashboard).
 */
export interface FakeGrafana {
  readonly url: string
  readonly dataSources: Map<string, Record<string, unknown>>
  readonly folders: Map<string, string>
  readonly boards: Map<
    string,
    { folderUid: string; dashboard: Record<string, unknown> & { version: number } }
  >
  /** Requests that change something, as `METHOD path`. */
  readonly writes: string[]
  /** Called before a dashboard is saved, once. */
  beforeSave: (() => void) | undefined
  /** Called before a folder is made, once. */
  beforeFolder: (() => void) | undefined
}

export const adminToken = 'glsa_admin'
export const viewerToken = 'glsa_viewer'

const save = z.object({
  dashboard: z.looseObject({
    id: z.null(),
    uid: z.string(),
    title: z.string(),
    version: z.number().optional(),
  }),
  folderUid: z.string(),
  overwrite: z.boolean(),
})
const source = z.looseObject({
  uid: z.string(),
  name: z.string(),
  secureJsonData: z.record(z.string(), z.string()),
})

type Answer = readonly [status: number, body: unknown]

export async function startFakeGrafana(): Promise<FakeGrafana> {
  const grafana: FakeGrafana = {
    url: '',
    dataSources: new Map(),
    folders: new Map(),
    boards: new Map(),
    writes: [],
    beforeSave: undefined,
    beforeFolder: undefined,
  }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const [status, answer] = answerTo(
        grafana,
        request.method ?? '',
        request.url ?? '',
        request.headers.authorization,
        body,
      )
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  return Object.assign(grafana, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/grafana` })
}

function answerTo(
  grafana: FakeGrafana,
  method: string,
  url: string,
  authorization: string | undefined,
  body: string,
): Answer {
  const basic = `Basic ${Buffer.from('admin:secret').toString('base64')}`
  const isAdmin = authorization === `Bearer ${adminToken}` || authorization === basic
  if (!isAdmin && authorization !== `Bearer ${viewerToken}`) return [401, { message: 'Invalid API key' }]
  if (!url.startsWith('/grafana/')) return [404, { message: 'Not found' }]
  const path = url.slice('/grafana'.length).split('?', 1)[0]!
  if (method !== 'GET') {
    if (!isAdmin) return [403, { message: "You'll need additional permissions to perform this action." }]
    grafana.writes.push(`${method} ${path}`)
  }
  const [, kind, , uid = ''] = /^\/api\/(\w+)(\/\w+)?(?:\/(.*))?$/.exec(path) ?? []
  if (kind === 'datasources') return answerDataSource(grafana, method, uid, body)
  if (kind === 'folders') return answerFolder(grafana, method, body)
  return method === 'GET' ? getBoard(grafana, uid) : saveBoard(grafana, body)
}

function answerDataSource({ dataSources }: FakeGrafana, method: string, uid: string, body: string): Answer {
  const there = dataSources.get(uid)
  if (method === 'GET')
    return there === undefined ? [404, { message: 'Data source not found' }] : [200, there]
  const given = source.parse(JSON.parse(body))
  const { secureJsonData, ...open } = given
  const taken = [...dataSources].some(([other, { name }]) => other !== given.uid && name === given.name)
  if (taken) return [409, { message: 'data source with the same name already exists' }]
  const before = (there?.['secureJsonFields'] ?? {}) as Record<string, boolean>
  const version = Number(there?.['version'] ?? 0) + 1
  const secureJsonFields = {
    ...before,
    ...Object.fromEntries(Object.keys(secureJsonData).map((key) => [key, true])),
  }
  dataSources.set(given.uid, { ...open, id: 1, version, secureJsonFields, isDefault: false, readOnly: false })
  return [
    200,
    { id: 1, message: there === undefined ? 'Datasource added' : 'Datasource updated', name: given.name },
  ]
}

function answerFolder(grafana: FakeGrafana, method: string, body: string): Answer {
  const { folders } = grafana
  if (method === 'GET')
    return [200, [...folders].map(([uid, title], index) => ({ id: index + 1, uid, title }))]
  grafana.beforeFolder?.()
  grafana.beforeFolder = undefined
  const { uid, title } = z.object({ uid: z.string().max(40), title: z.string() }).parse(JSON.parse(body))
  if (folders.has(uid) || [...folders.values()].includes(title)) {
    return [409, { message: 'a folder with the same name already exists in the current location' }]
  }
  folders.set(uid, title)
  return [200, { id: folders.size, uid, title, version: 1 }]
}

function getBoard({ boards, folders }: FakeGrafana, uid: string): Answer {
  const there = boards.get(uid)
  if (there === undefined) return [404, { message: 'Dashboard not found' }]
  const { folderUid, dashboard } = there
  return [
    200,
    {
      dashboard,
      meta: { folderUid, folderTitle: folders.get(folderUid) ?? '', slug: uid, url: `/d/${uid}` },
    },
  ]
}

function saveBoard(grafana: FakeGrafana, body: string): Answer {
  grafana.beforeSave?.()
  grafana.beforeSave = undefined
  const { boards, folders } = grafana
  const { dashboard, folderUid, overwrite } = save.parse(JSON.parse(body))
  if (!folders.has(folderUid)) return [400, { message: 'folder not found' }]
  const there = boards.get(dashboard.uid)
  if (there !== undefined && !overwrite && there.dashboard.version !== dashboard.version) {
    return [412, { message: 'The dashboard has been changed by someone else', status: 'version-mismatch' }]
  }
  const named = [...boards].some(
    ([uid, one]) =>
      uid !== dashboard.uid && one.folderUid === folderUid && one.dashboard['title'] === dashboard.title,
  )
  if (named)
    return [
      412,
      { message: 'A dashboard with the same name in the folder already exists', status: 'name-exists' },
    ]
  const version = (there?.dashboard.version ?? 0) + 1
  boards.set(dashboard.uid, { folderUid, dashboard: { ...dashboard, id: boards.size + 1, version } })
  return [
    200,
    {
      id: 1,
      uid: dashboard.uid,
      url: `/d/${dashboard.uid}`,
      status: 'success',
      version,
      slug: dashboard.uid,
    },
  ]
}
