import { messageOf } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { oneAtATime } from '../common/one-at-a-time.ts'
import type { AgentConfig } from './config.ts'
import type { ProbeDefinition } from './probes/definition.ts'
import { catalogueDirectory, loadProbes } from './probes/load.ts'

/** The probes that are in force, from files that may change while the agent runs. */
export interface ProbeFiles {
  readonly current: () => readonly ProbeDefinition[]
  /** Reads the files again. When they have a mistake, what was in force stays, and the log says why. */
  readonly reload: () => Promise<boolean>
}

/** Where the probes come from: the agent's own catalogue or what replaces it, and what is added. */
export function probePaths(config: AgentConfig): readonly string[] {
  const more = config['postgres.more_probes']
  return [config['postgres.probes'] ?? catalogueDirectory, ...(more === undefined ? [] : [more])]
}

/** @throws PgherdError PROBE_INVALID */
export async function openProbeFiles(config: AgentConfig, log: Log): Promise<ProbeFiles> {
  const paths = probePaths(config)
  let probes = await loadProbes(...paths)

  const read = async (): Promise<boolean> => {
    try {
      probes = withKnown(await loadProbes(...paths), probes)
      log.info({ probes: probes.length }, 'the probe files are read again')
      return true
    } catch (error) {
      log.error(`the probe files have mistakes, those read before stay in force: ${messageOf(error)}`)
      return false
    }
  }

  return { current: () => probes, reload: oneAtATime(read) }
}

/** The probes as read, but the very same objects where nothing has changed: they keep their results and their accounts. */
function withKnown(
  read: readonly ProbeDefinition[],
  known: readonly ProbeDefinition[],
): readonly ProbeDefinition[] {
  const byText = new Map(known.map((probe) => [JSON.stringify(probe), probe]))
  const merged = read.map((probe) => byText.get(JSON.stringify(probe)) ?? probe)
  const same = merged.length === known.length && merged.every((probe, i) => probe === known[i])
  return same ? known : merged
}
