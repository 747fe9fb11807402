/** What pgBackRest's `verify --output=text --verbose` says, and its log beside it. */
export interface VerifyOutput {
  /** False too when it said nothing at all, which it does where it cannot read the repository. */
  readonly isOk: boolean
  readonly wal: number
  readonly backups: number
  readonly files: number
  /** One line each: of what kind, where, how many. */
  readonly faults: readonly string[]
  /** Files that are damaged or missing; the first ones. */
  readonly examples: readonly string[]
}

const maxExamples = 10

/**
 * Reads the lines as they come, those of the log (`P01   INFO: invalid checksum '...'`) among those of the answer, which is there
 * twice: as a message of the log, indented by its prefix, and plain.
 */
export function createVerifyReader() {
  let status: string | undefined
  let wal = 0
  let backups = 0
  let files = 0
  let where = ''
  const faults: string[] = []
  const examples: string[] = []
  return {
    take(line: string): void {
      const [, said] = /^status: (\w+)/.exec(line) ?? []
      if (said !== undefined) status = said
      const [, archiveId, checked] = /^ {2}archiveId: (\S+), total WAL checked: (\d+)/.exec(line) ?? []
      if (archiveId !== undefined) {
        wal += Number(checked)
        where = `WAL of ${archiveId}`
        return
      }
      const [, label, state = '', count] =
        /^ {2}backup: (\S+), status: ([^,]+)(?:, total files checked: (\d+))?/.exec(line) ?? []
      if (label !== undefined) {
        backups++
        files += Number(count ?? 0)
        where = `backup ${label}`
        if (state !== 'valid' && state !== 'invalid') faults.push(`${where}: ${state}`)
        return
      }
      if (/^ {4}\S.*: \d+/.test(line)) {
        const counts = [...line.matchAll(/([a-z ]+): (\d+)/g)].filter(([, , number]) => Number(number) > 0)
        for (const [, kind = '', number = ''] of counts) faults.push(`${where}: ${number} ${kind.trim()}`)
        return
      }
      if (/^ {2}No usable/.test(line)) faults.push(line.trim())
      const [, what] = /INFO: ((?:invalid|file missing|missing|duplicate) .*)$/.exec(line) ?? []
      if (what !== undefined && examples.length < maxExamples) examples.push(what.slice(0, 300))
    },
    end: (): VerifyOutput => ({ isOk: status === 'ok', ...{ wal, backups, files, faults, examples } }),
  }
}
