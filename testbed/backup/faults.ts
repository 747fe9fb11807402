import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fault } from '../fault.ts'
import type { Fault } from '../fault.ts'
import type { PostgresServer } from '../postgres.ts'
import type { SmallDisk } from '../small-disk.ts'
import type { ArchivingPostgres } from './pgbackrest.ts'
import type { Repository } from './repository.ts'
import { archivedSegments } from './repository-files.ts'
import type { Segment, Stored } from './repository-files.ts'
import type { S3Server } from './s3/server.ts'

/** Changes a byte in the middle of a file, compressed or not, without changing its size or its time. */
export function flipByte(file: string, at = Math.floor(statSync(file).size / 2)): Fault {
  const flip = (): void => {
    const open = openSync(file, 'r+')
    const byte = Buffer.alloc(1)
    readSync(open, byte, 0, 1, at)
    byte[0]! ^= 0xff
    writeSync(open, byte, 0, 1, at)
    closeSync(open)
  }
  flip()
  return fault(flip)
}

/** Takes a segment of WAL out of the archive: one in the middle unless told. */
export function removeSegment(
  lab: Stored & Pick<ArchivingPostgres, 'directory'>,
  options: { readonly name?: string; readonly repository?: Pick<Repository, 'path'> } = {},
): Fault & { readonly segment: Segment } {
  const all = archivedSegments(lab, options.repository)
  const segment = all.find(({ name }) => name === (options.name ?? all[all.length >> 1]?.name))
  if (segment === undefined) throw new Error(`the archive has no segment ${options.name ?? ''}`)
  // The repository may be a file system of its own, from which nothing is renamed away.
  const kept = join(lab.directory, `removed-${segment.name}`)
  moveFile(segment.file, kept)
  return Object.assign(
    fault(() => moveFile(kept, segment.file)),
    { segment },
  )
}

function moveFile(from: string, to: string): void {
  const { uid, gid } = statSync(from)
  copyFileSync(from, to)
  chownSync(to, uid, gid)
  rmSync(from)
}

/**
 * Damages the first page of a table on the server's disk, so that its checksum is wrong. The server does not notice as
 * long as it has the page in memory.
 */
export async function corruptPage(postgres: PostgresServer, table: string): Promise<Fault> {
  await postgres.query('checkpoint')
  const [row] = await postgres.query<{ path: string }>(`select pg_relation_filepath($1) as path`, [table])
  // Beyond the header: a page whose header looks wrong is another case.
  return flipByte(join(postgres.dataDirectory, row!.path), 8000)
}

/** Nobody but root may look into a directory. */
export function forbid(directory: string): Fault {
  const { mode } = statSync(directory)
  chmodSync(directory, 0o000)
  return fault(() => chmodSync(directory, mode & 0o777))
}

/** An empty directory is where a file system was. */
export async function unmount(disk: SmallDisk): Promise<Fault> {
  await disk.unmount()
  return fault(() => disk.mount())
}

/** No room is left on a disk. */
export function fillDisk(disk: SmallDisk): Fault {
  disk.fill()
  return fault(() => disk.empty())
}

/** Connections to the S3 server are refused. */
export async function stopS3(s3: S3Server): Promise<Fault> {
  await s3.stop()
  return fault(() => s3.start())
}

/** Connections to the S3 server are accepted, and nothing is answered. */
export async function freezeS3(s3: S3Server): Promise<Fault> {
  await s3.freeze()
  return fault(() => s3.resume())
}

/** The S3 server answers everything with this status. */
export function refuseS3(s3: S3Server, status: 403 | 500 | 503): Fault {
  s3.refuse(status)
  return fault(() => s3.refuse(undefined))
}

/** The repository's pass is another than what it was encrypted with. */
export function changeCipherPass(lab: ArchivingPostgres, { key }: Repository = lab.repositories[0]!): Fault {
  return lab.configure({ [`repo${key}-cipher-pass`]: 'not the pass' })
}

/**
 * `archive_command` fails, so that WAL piles up in pg_wal.
 * @param command it has `pgbackrest` in it unless told, or else pgBackRest notices before it begins
 */
export async function failArchiving(postgres: PostgresServer, command = 'false pgbackrest'): Promise<Fault> {
  await postgres.query(`alter system set archive_command = '${command.replaceAll("'", "''")}'`)
  await postgres.query('select pg_reload_conf()')
  return fault(async () => {
    await postgres.query('alter system reset archive_command')
    await postgres.query('select pg_reload_conf()')
  })
}
