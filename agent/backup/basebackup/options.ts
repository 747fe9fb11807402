import type { BackupPolicy, RetentionPolicy } from '../../../common/backup/backup-policy.ts'
import type { Clock } from '../../../common/clock.ts'
import type { ServerUser } from '../drill/server-user.ts'
import type { AskServer } from '../server/ask-server.ts'

/** How the agent reaches the server, which pg_basebackup does the same way. */
export interface ServerWay {
  readonly url: string
  readonly passwordFile?: string | undefined
  readonly pgpassFile?: string | undefined
  readonly serviceFile?: string | undefined
}

export interface BasebackupOptions {
  /** With one directory for each backup. */
  readonly directory: string
  readonly retention: RetentionPolicy
  readonly compression: BackupPolicy['compression']
  /** Bytes per second. */
  readonly maxRate: number | null
  /** 0 to 19. */
  readonly nice: number
  readonly way: ServerWay
  readonly ask: AskServer
  /** Of the server, for its programs; undefined where it is not known. */
  readonly postmasterPid: () => Promise<number | undefined>
  readonly binDirectory?: string | undefined
  /** As whom the programs run, and whose what is restored is; null for this program's own user. */
  readonly user: ServerUser
  readonly clock: Clock
  /** How long a program may take to end after SIGTERM; 10 s unless told. */
  readonly patienceMs?: number | undefined
}

/** The only one there is. */
export const onlyRepository = 1
