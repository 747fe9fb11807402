import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

const MiB = 1024 ** 2

/** Temporary files that nobody bounds could take what is left of the disk, which stops the server for all. */
export const tempFileLimit: Rule = {
  id: 'P6',
  what: 'temporary files without a limit, where the disk has no room for them',
  advise({ evidence, situation, host }) {
    const burst = evidence.max('temp.bytes') ?? 0
    const free = host.freeDataDiskBytes
    if (settingOf(situation, 'temp_file_limit') !== -1 || free === null || burst === 0) return nothing
    if (free >= constants.burstsThatFit * burst) return nothing
    const seen = `temporary files took ${printAbout(burst)} at once, and ${printAbout(free)} of the disk are left`
    if (situation.profile === 'olap') {
      const note = `${seen}: temp_file_limit is -1, and a limit would end large queries that need more; give them more work_mem or more room, or set one`
      return { drafts: [], notes: [note] }
    }
    const limit = Math.max(MiB, Math.floor((constants.temporaryShare * free) / MiB) * MiB)
    return {
      drafts: [
        {
          parameter: 'temp_file_limit',
          proposed: printSetting(limit),
          reason: seen,
          evidence: 'pg_tmpdir_bytes, node_filesystem_avail_bytes',
          risk: 'a statement that needs more is ended with an error',
          effect: 'one session takes at most a fifth of what is left',
          confidence: 'medium',
        },
      ],
      notes: [],
    }
  },
}
