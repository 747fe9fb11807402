import { findAddressKeepers } from './find-address-keepers.ts'
import { findEtcds } from './find-etcds.ts'
import { findHaproxies } from './find-haproxies.ts'
import { findPatronis } from './find-patronis.ts'
import { findPoolers } from './find-poolers.ts'
import { findServers } from './find-servers.ts'
import type { Found } from './found.ts'
import { listProcesses } from './running-process.ts'

/** Everything that can be watched here, by the processes that run. Nothing is asked or changed. @param root where /proc lies */
export async function findAll(root: string): Promise<Found> {
  const processes = listProcesses(root)
  const { servers, notes } = findServers(processes)
  const { poolers, notes: ofPoolers } = findPoolers(processes)
  const { patronis, notes: ofPatronis } = await findPatronis(processes)
  return {
    servers,
    poolers,
    patronis,
    neighbours: [
      ...patronis.map(({ configFile, url }) => ({
        what: `Patroni (${configFile})`,
        entry: { kind: 'patroni', ...(url === undefined ? {} : { url: new URL('/metrics', url).href }) },
        lacks: undefined,
      })),
      ...findHaproxies(processes),
      ...findEtcds(processes),
      ...findAddressKeepers(processes),
    ],
    notes: [...notes, ...ofPoolers, ...ofPatronis],
  }
}
