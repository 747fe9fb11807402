import { chownSync, mkdirSync } from 'node:fs'
import { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import type { BackupEngine, EngineListing } from '../../../../agent/backup/engine.ts'
import type { ArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

const unused = (): Promise<never> => Promise.reject(new Error('not part of these tests'))

/** As much of an engine as drills and restores need, over the real pgBackRest of a test bed. */
export function pgBackRestEngine(bed: ArchivingPostgres): BackupEngine {
  return {
    kind: 'pgbackrest',
    list: () => listingOf(bed),
    backup: unused,
    verify: unused,
    expire: unused,
    prepare: unused,
    choose: unused,
    async restore(request, { signal }) {
      const { directory, target, isExclusive, label, action, archives, tablespaceRoot } = request
      signal.throwIfAborted()
      const owner = unprivilegedOwner()
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
      const value = 'text' in target ? target.text : 'value' in target ? target.value : undefined
      const run = await bed.run([
        'restore',
        `--pg1-path=${directory}`,
        ...(target.kind === 'latest' ? [] : [`--type=${target.kind}`, `--target-action=${action}`]),
        ...(value === undefined ? [] : [`--target=${value}`]),
        ...(isExclusive ? ['--target-exclusive'] : []),
        ...(label === undefined ? [] : [`--set=${label}`]),
        ...(archives === false ? ['--archive-mode=off'] : []),
        ...(tablespaceRoot === undefined ? [] : [`--tablespace-map-all=${tablespaceRoot}`]),
      ])
      if (run.status !== 0) throw new BackupFailure('other', run.stderr.trim() || run.stdout.trim())
    },
  }
}

interface Info {
  readonly db: readonly { readonly 'system-id': number }[]
  readonly backup: readonly {
    readonly label: string
    readonly type: 'full' | 'diff' | 'incr'
    readonly error: boolean
    readonly archive: { readonly start: string; readonly stop: string }
    readonly timestamp: { readonly start: number; readonly stop: number }
    readonly info: { readonly size: number; readonly repository: { readonly delta: number } }
  }[]
}

async function listingOf(bed: ArchivingPostgres): Promise<EngineListing> {
  const [stanza] = JSON.parse(await bed.info()) as [Info]
  const listed = await bed.mustRun(['repo-ls', '--recurse', '--output=json', `archive/${bed.stanza}`])
  const segments = Object.keys(JSON.parse(listed) as object)
    .map((path) => /\/([0-9A-F]{24})-[^/]*$/.exec(path)?.[1])
    .filter((name) => name !== undefined)
    .sort()
  return {
    version: null,
    systemIdentifier: null,
    repositories: [
      {
        repository: 1,
        where: 'the test bed',
        isEncrypted: false,
        problem: null,
        reason: '',
        sizeBytes: null,
        freeBytes: null,
        segments,
        gaps: [],
        spans: [],
        archivedMs: Date.now(),
      },
    ],
    sets: stanza.backup.map((one) => ({
      label: one.label,
      type: one.type,
      repository: 1,
      startedMs: one.timestamp.start * 1000,
      finishedMs: one.timestamp.stop * 1000,
      walStart: one.archive.start,
      walStop: one.archive.stop,
      sizeBytes: one.info.size,
      storedBytes: one.info.repository.delta,
      hasErrors: one.error,
      needs: [],
    })),
  }
}
