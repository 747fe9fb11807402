import type { SampleTable } from '../../common/series/sample-table.ts'
import { createCgroupReader } from '../host/cgroup.ts'
import { postmasterOf } from '../host/parent-process.ts'
import { isLocalHost } from '../postgres/local-host.ts'
import type { Target } from '../postgres/target.ts'

/** What the kernel says about the control group that a server on this machine runs in. */
export interface ServerCgroup {
  /**
   * Nothing for a server elsewhere, or where it cannot be told.
   * @param backendPid our own session's process; its parent is the postmaster
   */
  measure(backendPid: number): Promise<readonly SampleTable[]>
}

/** @param root where /proc and /sys lie; `/` unless told */
export function createServerCgroup(target: Pick<Target, 'host'>, root = '/'): ServerCgroup {
  if (!isLocalHost(target.host)) return { measure: () => Promise.resolve([]) }
  const read = createCgroupReader({ root })
  let known: { readonly backendPid: number; readonly postmaster: number | undefined } | undefined
  return {
    async measure(backendPid) {
      try {
        // The session's process stays the same for as long as the server runs.
        if (known?.backendPid !== backendPid)
          known = { backendPid, postmaster: postmasterOf(backendPid, root) }
        return known.postmaster === undefined ? [] : await read(known.postmaster)
      } catch {
        // A kernel that does not let us look says nothing about the server.
        return []
      }
    },
  }
}
