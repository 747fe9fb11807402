import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Snapshot, StoreAdministration } from '../../../common/store-administration.ts'
import type { Capabilities } from './capabilities.ts'
import { engineError } from './engine-error.ts'
import type { EnginePaths } from './engine-paths.ts'
import type { Failover } from './failover.ts'
import type { RawSamples } from './raw-samples.ts'
import { readJson } from './read-json.ts'
import { selectorText } from './selector-text.ts'

/** An export may take long; it ends with its client. */
const exportTimeoutMs = 24 * 3_600_000
const requestTimeoutMs = 60_000
/** How long a deletion waits for what is still in the buffer. */
const drainMs = 10_000

const created = z.object({ snapshot: z.string() })
const listed = z.object({ snapshots: z.array(z.string()) })

/** What operators ask of a store, done by the engine; what it cannot do is NOT_SUPPORTED. */
export function createAdministration(options: {
  readonly select: Pick<Failover, 'send'>
  readonly paths: EnginePaths
  readonly raw: RawSamples
  readonly capabilities: () => Promise<Capabilities>
  /** Waits until everything acknowledged so far can be found by the engine; false when it did not get there in time. */
  readonly settle: (maxMs: number) => Promise<boolean>
  /** Nothing that was sent until now is sent again. */
  readonly letGo: () => Promise<void>
}): StoreAdministration {
  const { select, paths, raw } = options

  const settleOrThrow = async (what: string) => {
    if (await options.settle(drainMs)) return
    throw new PgherdError(
      'UNREACHABLE',
      `samples still wait in the buffer for VictoriaMetrics, and would be missing in ${what}; try again`,
    )
  }
  const snapshotPath = (name: string): string => {
    if (paths.snapshot !== undefined) return `${paths.snapshot}/${name}`
    throw new PgherdError(
      'NOT_SUPPORTED',
      'snapshots of a VictoriaMetrics cluster are made at each vmstorage',
    )
  }
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    readJson(await select.send({ method: 'GET', path, timeoutMs: requestTimeoutMs }), schema, path)
  const describe = async (name: string): Promise<Snapshot> => {
    const { dataPath } = await options.capabilities()
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(name) ?? []
    const createdMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    // Its size is known to the engine's host only.
    return { name, path: `${dataPath ?? '<storageDataPath>'}/snapshots/${name}`, createdMs, bytes: 0 }
  }
  const list = async (): Promise<readonly Snapshot[]> => {
    const { snapshots } = await get(snapshotPath('list'), listed)
    return Promise.all(snapshots.map(describe))
  }

  return {
    exportSeries: (selectors, fromMs, toMs, signal) =>
      raw(selectors, fromMs, toMs, { signal, timeoutMs: exportTimeoutMs }),
    async deleteSeries(selectors: readonly (readonly Matcher[])[]) {
      await settleOrThrow('the deletion')
      // What is deleted must not come back when the engine restarts.
      await options.letGo()
      const form = new URLSearchParams()
      for (const matchers of selectors) form.append('match[]', selectorText(matchers))
      const answer = await select.send({
        method: 'POST',
        path: paths.deleteSeries,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
        timeoutMs: requestTimeoutMs,
      })
      if (answer.status >= 300) throw engineError(answer.status, answer.body)
      // It does not tell how many these were.
      return undefined
    },
    async createSnapshot() {
      const path = snapshotPath('create')
      await settleOrThrow('the snapshot')
      return describe((await get(path, created)).snapshot)
    },
    listSnapshots: list,
    async deleteSnapshot(name) {
      const path = `${snapshotPath('delete')}?${new URLSearchParams({ snapshot: name }).toString()}`
      const all = await list()
      if (!all.some((one) => one.name === name)) {
        throw new PgherdError('NOT_FOUND', `there is no snapshot ${JSON.stringify(name)}`)
      }
      await get(path, z.object({ status: z.literal('ok') }))
    },
  }
}
