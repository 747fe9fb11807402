import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { Answered, GrafanaApi } from './api.ts'
import { dataSourceUid } from './data-source.ts'
import type { Step } from './step.ts'

const board = z.looseObject({
  uid: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  templating: z.looseObject({ list: z.array(z.looseObject({ type: z.string() })) }),
})
type Board = z.infer<typeof board>

const stored = z.object({
  dashboard: z.looseObject({ tags: z.array(z.string()).default([]), version: z.number() }),
  meta: z.object({ folderUid: z.string().default('') }),
})

/**
 * Saves one dashboard. It is written over the version that was read, so that whoever saves it at the same time is not
 * overwritten unseen: Grafana then answers 412, and it is read once more.
 * @param text the JSON of the dashboard
 * @param dataSource the name of the data source that it shows at first
 * @throws PgherdError REFUSED when another dashboard has its address or its title
 */
export async function provideBoard(
  api: GrafanaApi,
  text: string,
  to: { readonly folderUid: string; readonly dataSource: string; readonly dryRun: boolean },
): Promise<Step> {
  const wanted = withDataSource(board.parse(JSON.parse(text)), to.dataSource)
  const what = `dashboard ${wanted.title}`
  for (let attempt = 1; ; attempt++) {
    const found = await api.ask('GET', `/api/dashboards/uid/${wanted.uid}`, [404])
    const there = found.ok ? stored.parse(found.body) : undefined
    if (there !== undefined && !there.dashboard.tags.includes('pgherd')) {
      throw new PgherdError(
        'REFUSED',
        `another dashboard has the address /d/${wanted.uid}; delete it, or give it another uid`,
      )
    }
    if (there !== undefined && there.meta.folderUid === to.folderUid && isSame(there.dashboard, wanted)) {
      return { what, did: 'unchanged' }
    }
    const did = there === undefined ? 'created' : 'updated'
    if (to.dryRun) return { what, did }
    const saved = await api.ask('POST', '/api/dashboards/db', [400, 412], {
      dashboard: {
        ...wanted,
        id: null,
        ...(there === undefined ? {} : { version: there.dashboard.version }),
      },
      folderUid: to.folderUid,
      overwrite: false,
      message: 'by pgherd-collector grafana provision',
    })
    if (saved.ok) return { what, did }
    if (saved.kind !== 'version-mismatch' || attempt > 1) throw refusal(wanted, saved)
  }
}

/** What Grafana adds when it stores a dashboard is no difference. */
function isSame(there: Readonly<Record<string, unknown>>, wanted: Board): boolean {
  const rest = Object.entries(there).filter(([key]) => key !== 'id' && key !== 'version')
  return isDeepStrictEqual(Object.fromEntries(rest), wanted)
}

/** The choice of the data source begins with ours. */
function withDataSource(wanted: Board, name: string): Board {
  const list = wanted.templating.list.map((variable) =>
    variable.type === 'datasource'
      ? { ...variable, current: { selected: true, text: name, value: dataSourceUid } }
      : variable,
  )
  return { ...wanted, templating: { ...wanted.templating, list } }
}

function refusal({ title }: Board, saved: Extract<Answered, { ok: false }>): PgherdError {
  if (saved.kind === 'name-exists') {
    return new PgherdError(
      'REFUSED',
      `another dashboard of the folder is called "${title}"; rename it, or take another --folder`,
    )
  }
  return new PgherdError('COMMAND_FAILED', `Grafana does not save "${title}": ${saved.message || saved.kind}`)
}
