import type { Clock } from '../../../common/clock.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import type { Log } from '../../../common/log.ts'
import type { ServerWay } from '../basebackup/options.ts'
import type { ServerUser } from '../drill/server-user.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import type { AskServer } from '../server/ask-server.ts'

/** What the backup work of one cluster has on its host. */
export interface MemberEnvironment {
  /** The member's name, `<cls>-<seq>`. */
  readonly node: string
  /** Of this host, as the policy's members have it. */
  readonly address: string
  readonly ask: AskServer
  /** The same way for programs. */
  readonly way: ServerWay
  readonly health: () => InstanceHealth | undefined
  readonly journal: RunJournal
  /** pgbackrest, with what comes before its own arguments. */
  readonly command: readonly string[]
  /** As whom engine and servers run; undefined: the owner of the data directory, where this program may be them. */
  readonly user: ServerUser | undefined
  readonly binDirectory: string | undefined
  readonly clock: Clock
  readonly log: Log
}
