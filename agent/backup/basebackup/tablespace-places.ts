import { join } from 'node:path'
import type { RestoreRequest } from '../engine.ts'
import type { BackupRecord } from './backup-record.ts'

/**
 * Where each tablespace goes, by its OID: to where its name was mapped, below the root for all, or to where it was.
 * @param map PostgreSQL's tablespace_map: OID, blank, path; a backslash stands before a line break in it (xlog.c)
 */
export function tablespacePlaces(
  map: string,
  { tablespaces }: Pick<BackupRecord, 'tablespaces'>,
  request: Pick<RestoreRequest, 'tablespaces' | 'tablespaceRoot'>,
): ReadonlyMap<string, string> {
  const before = [...map.matchAll(/^(\d+) ((?:\\[^]|[^\\\n])*)$/gm)].map(
    ([, oid = '', path = '']) => [oid, path.replaceAll(/\\([^])/g, '$1')] as const,
  )
  return new Map(
    before.map(([oid, path]) => {
      const name = tablespaces.find((one) => one.oid === oid)?.name ?? oid
      const { tablespaceRoot } = request
      const below = tablespaceRoot === undefined ? path : join(tablespaceRoot, name.replaceAll('/', '_'))
      return [oid, request.tablespaces?.get(name) ?? below]
    }),
  )
}
