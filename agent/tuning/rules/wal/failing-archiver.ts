import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { archiveTrouble } from './archive-trouble.ts'

export const failingArchiver: Rule = {
  id: 'W8',
  what: 'WAL that does not get into the archive',
  advise({ evidence }) {
    const trouble = archiveTrouble(evidence)
    if (trouble === undefined) return nothing
    return {
      drafts: [],
      notes: [
        `${trouble} (pg_archiver_failed_count, pg_archive_ready): all of it stays in pg_wal until it is archived, whatever max_wal_size is, and no setting helps; the server's log has what archive_command said`,
      ],
    }
  },
}
