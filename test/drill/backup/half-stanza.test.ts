import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { engineOf, never } from '../../agent/backup/engine/engine-of.ts'

test('a stanza that another member is just making is waited for, and one that stays half is told', async () => {
  await using lab = await startArchivingPostgres({})
  await using engine = engineOf(lab)
  const files = ['backup.info', 'backup.info.copy'].map((name) =>
    join(lab.repositories[0]!.path, 'backup', lab.stanza, name),
  )
  const hide = (): void => files.forEach((file) => renameSync(file, `${file}.later`))
  const show = (): void => files.forEach((file) => renameSync(`${file}.later`, file))
  hide()
  const prepared = engine.prepare({ signal: never })
  const later = setTimeout(show, 500)
  await expect(prepared).resolves.toBeUndefined()
  clearTimeout(later)

  hide()
  await expect(engine.prepare({ signal: never }, 'stanza')).rejects.toThrow('backup.info is missing')
  show()
})
