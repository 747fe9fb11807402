import { statfs } from 'node:fs/promises'
import type { ActionSession } from '../../postgres/action-session.ts'
import { printSize } from './print-size.ts'
import { lookMs } from './find-index.ts'

/** What building an index takes, and whether that is there. */
export interface IndexSpace {
  /** A line for a plan. */
  readonly line: string
  /** What speaks against it. */
  readonly problems: readonly string[]
}

/** The index itself, and as much for sorting, which is in the database's own file system unless temp_tablespaces says otherwise. */
const factor = 2
/** Is to stay free beside it. */
const spareBytes = 256 * 2 ** 20

const text = `
select coalesce(nullif(pg_tablespace_location((select oid from pg_tablespace where spcname = nullif($1, ''))), ''),
                current_setting('data_directory', true)),
       inet_server_addr() is null or host(inet_server_addr()) = host(inet_client_addr())`

/**
 * Whether an index of that size finds room. Where the server is not on this host, or its role may not see the directory, only the bound counts.
 * @param sizeBytes - of the index as it was
 * @param mostBytes - larger ones are refused
 * @throws PgherdError of the session
 */
export async function spaceFor(
  session: ActionSession,
  about: { readonly sizeBytes: number; readonly tablespace: string; readonly mostBytes: number | undefined },
): Promise<IndexSpace> {
  const { sizeBytes, tablespace, mostBytes } = about
  const needed = sizeBytes * factor + spareBytes
  const tooLarge =
    mostBytes !== undefined && sizeBytes > mostBytes
      ? [`it has ${printSize(sizeBytes)}, and at most ${printSize(mostBytes)} are allowed (max_size)`]
      : []
  const { directory, freeBytes } = await freeBytesOf(session, tablespace)
  if (freeBytes === undefined) {
    return {
      line: `takes about ${printSize(needed)}, with sorting; how much is free cannot be seen from here`,
      problems: tooLarge,
    }
  }
  return {
    line: `takes about ${printSize(needed)}, with sorting; ${printSize(freeBytes)} are free in ${directory}`,
    problems: [
      ...tooLarge,
      ...(freeBytes < needed
        ? [`it takes about ${printSize(needed)}, and only ${printSize(freeBytes)} are free in ${directory}`]
        : []),
    ],
  }
}

async function freeBytesOf(
  session: ActionSession,
  tablespace: string,
): Promise<{ readonly directory: string; readonly freeBytes: number | undefined }> {
  const asked = await session.read({ text, values: [tablespace] }, lookMs).catch(() => undefined)
  const [directory, isHere] = asked?.rows[0] ?? []
  if (directory == null || directory === '' || isHere !== 't') return { directory: '', freeBytes: undefined }
  try {
    const { bavail, bsize } = await statfs(directory)
    return { directory, freeBytes: bavail * bsize }
  } catch {
    // It is in a container, or below a directory that this agent may not enter.
    return { directory, freeBytes: undefined }
  }
}
