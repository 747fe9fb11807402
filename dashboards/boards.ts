import type { Board } from './kit/board.ts'
import { fleet } from './boards/fleet/board.ts'
import { instance } from './boards/instance/board.ts'
import { node } from './boards/node/board.ts'

/** All boards, in the order in which they are listed. */
export const boards: readonly Board[] = [fleet, instance, node]
