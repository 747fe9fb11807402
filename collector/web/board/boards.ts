import { z } from 'zod'
import type { CollectorClient } from '../api/client.ts'
import { board } from './model/board.ts'
import type { Board } from './model/board.ts'

/** A board that the collector has. */
export interface BoardEntry {
  readonly uid: string
  readonly title: string
  readonly tags: readonly string[]
  readonly file: string
}

const entries = z.array(
  z.object({
    uid: z.string(),
    title: z.string(),
    tags: z.array(z.string()),
    file: z.string().regex(/^[\w.-]+$/),
  }),
)

/** Every board that the collector serves. */
export function listBoards(
  client: Pick<CollectorClient, 'get'>,
  signal: AbortSignal,
): Promise<readonly BoardEntry[]> {
  return client.get('dashboards/', {}, entries, signal)
}

/** Reads one of the boards; rejects with a sentence when there is none of that uid. */
export async function readBoard(
  client: Pick<CollectorClient, 'get'>,
  uid: string,
  all: readonly BoardEntry[],
  signal: AbortSignal,
): Promise<Board> {
  const entry = all.find((one) => one.uid === uid)
  if (entry === undefined) throw new Error(`The collector has no board ${uid}`)
  return client.get(`dashboards/${entry.file}`, {}, board, signal)
}
