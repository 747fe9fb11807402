import type { Board } from './kit/board.ts'
import { alerts } from './boards/alerts/board.ts'
import { backup } from './boards/backup/board.ts'
import { cluster } from './boards/cluster/board.ts'
import { database } from './boards/database/board.ts'
import { disk } from './boards/disk/board.ts'
import { fleet } from './boards/fleet/board.ts'
import { haproxy } from './boards/haproxy/board.ts'
import { instance } from './boards/instance/board.ts'
import { node } from './boards/node/board.ts'
import { pgbouncer } from './boards/pgbouncer/board.ts'
import { pgherd } from './boards/pgherd/board.ts'
import { queries } from './boards/queries/board.ts'
import { replication } from './boards/replication/board.ts'
import { sessionsBoard } from './boards/sessions/board.ts'
import { tablesBoard } from './boards/tables/board.ts'
import { tuning } from './boards/tuning/board.ts'
import { vacuum } from './boards/vacuum/board.ts'
import { walBoard } from './boards/wal/board.ts'
import { writes } from './boards/writes/board.ts'

/** All boards, in the order in which they are listed. */
export const boards: readonly Board[] = [
  fleet,
  cluster,
  instance,
  database,
  sessionsBoard,
  queries,
  replication,
  walBoard,
  writes,
  vacuum,
  tablesBoard,
  pgbouncer,
  haproxy,
  node,
  disk,
  backup,
  tuning,
  alerts,
  pgherd,
]
