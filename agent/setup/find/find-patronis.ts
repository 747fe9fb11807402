import { basename } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { readPatroniFile } from '../../../common/patroni/own-file.ts'
import type { FoundPatroni } from './found.ts'
import { pathOf, readIfAllowed } from './running-process.ts'
import type { RunningProcess } from './running-process.ts'

/** The Patronis of this host, by the files that they were started with. */
export async function findPatronis(processes: readonly RunningProcess[]): Promise<{
  readonly patronis: readonly FoundPatroni[]
  readonly notes: readonly string[]
}> {
  const patronis = new Map<string, FoundPatroni>()
  const notes: string[] = []
  for (const running of processes) {
    const at = running.argv.slice(0, 3).findIndex((word) => /^patroni(\.py)?$/.test(basename(word)))
    if (at < 0) continue
    const file = running.argv.slice(at + 1).find((word) => /\.ya?ml$/.test(word))
    if (running.isContained || file === undefined) {
      notes.push(`Patroni with process ${running.pid} has no file that is seen from here`)
      continue
    }
    const configFile = pathOf(running, file)
    if (patronis.has(configFile)) continue
    const found = await readPatroniFile(configFile).catch(() => undefined)
    if (found === undefined) {
      notes.push(`${configFile} of Patroni cannot be read`)
      continue
    }
    patronis.set(configFile, { configFile, name: found.name, url: found.url, ...scopeIn(configFile) })
  }
  return { patronis: [...patronis.values()], notes }
}

/** Its words `scope` and `postgresql.data_dir`. */
function scopeIn(file: string): Pick<FoundPatroni, 'scope' | 'dataDirectory'> {
  const text = z.string().optional().catch(undefined)
  const shape = z.object({
    scope: text,
    postgresql: z.object({ data_dir: text }).optional().catch(undefined),
  })
  const read = shape.safeParse(parse(readIfAllowed(file) ?? ''))
  return { scope: read.data?.scope, dataDirectory: read.data?.postgresql?.data_dir }
}
