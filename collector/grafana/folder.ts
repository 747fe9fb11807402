import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { GrafanaApi } from './api.ts'
import type { Step } from './step.ts'

const folder = z.object({ uid: z.string(), title: z.string() })

/**
 * Finds the folder of that title at the top of Grafana, or makes it.
 * @throws PgherdError COMMAND_FAILED when it can be neither found nor made
 */
export async function provideFolder(
  api: GrafanaApi,
  title: string,
  dryRun: boolean,
): Promise<{ readonly uid: string; readonly step: Step }> {
  const what = `folder ${title}`
  const find = async (): Promise<string | undefined> => {
    const all = await api.ask('GET', '/api/folders?limit=1000', [])
    const folders = all.ok ? z.array(folder).parse(all.body) : []
    return folders.find((one) => one.title === title)?.uid
  }
  const found = await find()
  if (found !== undefined) return { uid: found, step: { what, did: 'unchanged' } }
  const uid = uidOf(title)
  if (dryRun) return { uid, step: { what, did: 'created' } }
  // 409 and, of older versions, 412: somebody made it meanwhile.
  const made = await api.ask('POST', '/api/folders', [409, 412], { uid, title })
  if (made.ok) return { uid: folder.parse(made.body).uid, step: { what, did: 'created' } }
  const meanwhile = await find()
  if (meanwhile !== undefined) return { uid: meanwhile, step: { what, did: 'unchanged' } }
  throw new PgherdError('COMMAND_FAILED', `Grafana does not make the folder "${title}": ${made.message}`)
}

/** Of letters, digits, dashes and underscores, 40 at most, as Grafana wants it. */
function uidOf(title: string): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return (plain === 'pgherd' ? plain : `pgherd-${plain}`).slice(0, 40)
}
