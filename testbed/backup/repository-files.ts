import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Repository } from './repository.ts'

/** Repositories of one stanza, on this machine. */
export interface Stored {
  readonly stanza: string
  readonly repositories: readonly Pick<Repository, 'path'>[]
}

export interface Segment {
  /** As PostgreSQL names it: 24 hexadecimal digits. */
  readonly name: string
  readonly file: string
}

/** All segments of WAL in a repository, the first unless told, in the order of their names. */
export function archivedSegments(
  { repositories, stanza }: Stored,
  repository = repositories[0]!,
): readonly Segment[] {
  return filesBelow(join(repository.path, 'archive', stanza))
    .flatMap((file): readonly Segment[] => {
      const name = /\/([0-9A-F]{24})-[0-9a-f]{40}(\.\w+)?$/.exec(file)?.[1]
      return name === undefined ? [] : [{ name, file }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The labels of the backups in a repository, the first unless told, in order. */
export function backupLabels(
  { repositories, stanza }: Stored,
  repository = repositories[0]!,
): readonly string[] {
  return readdirSync(join(repository.path, 'backup', stanza))
    .filter((name) => /^\d{8}-\d{6}F/.test(name))
    .sort()
}

/** The largest file of the newest full backup: a table's, or a bundle. */
export function largestBackupFile(lab: Stored, repository = lab.repositories[0]!): string {
  const label = backupLabels(lab, repository).findLast((name) => name.endsWith('F'))
  if (label === undefined) throw new Error('the repository has no full backup')
  const files = filesBelow(join(repository.path, 'backup', lab.stanza, label)).filter(
    (file) => !file.includes('/backup.manifest'),
  )
  const sizes = new Map(files.map((file) => [file, statSync(file).size]))
  return files.reduce((largest, file) => (sizes.get(file)! > sizes.get(largest)! ? file : largest))
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
