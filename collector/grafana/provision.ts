import type { GrafanaApi } from './api.ts'
import { provideBoard } from './board.ts'
import { provideDataSource } from './data-source.ts'
import type { Collector } from './data-source.ts'
import { provideFolder } from './folder.ts'
import type { Step } from './step.ts'

export interface Provision {
  readonly collector: Collector
  readonly dataSource: string
  readonly folder: string
  /** The JSON of each dashboard. */
  readonly boards: readonly string[]
  /** Looks only, and tells what would be done. */
  readonly dryRun: boolean
  readonly tell: (step: Step) => void
}

/**
 * Brings data source, folder and dashboards into a Grafana, as often as one likes: what is there and the same stays as it is.
 * @throws PgherdError what Grafana refuses; what was told before it is done
 */
export async function provision(api: GrafanaApi, given: Provision): Promise<void> {
  const { dryRun, tell } = given
  tell(await provideDataSource(api, given.dataSource, given.collector, dryRun))
  const { uid: folderUid, step } = await provideFolder(api, given.folder, dryRun)
  tell(step)
  for (const text of given.boards) {
    tell(await provideBoard(api, text, { folderUid, dataSource: given.dataSource, dryRun }))
  }
}
