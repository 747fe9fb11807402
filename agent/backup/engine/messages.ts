/** What pgBackRest complained about, without its hints. */
export interface Complaint {
  readonly level: 'ERROR' | 'WARN'
  /** Of errors: pgBackRest's number, which is the exit status too. */
  readonly code: number | null
  /** Lines that belong to it are joined by blanks. */
  readonly text: string
}

const maxComplaints = 50
const maxText = 2_000

/** `P00  ERROR: [055]: text` of the log for the console, `ERROR: [055]: text` of standard error. */
const begin = /^(?:P\d+ +)?(ERROR|WARN|INFO|DETAIL|DEBUG|TRACE|ASSERT): +(?:\[(\d{3})\]: )?(.*)$/
const hint = /^\s*HINT:/

/** Gathers errors and warnings from lines, in which pgBackRest's log may be mixed with other text. */
export function createComplaints() {
  const complaints: Complaint[] = []
  const stray: string[] = []
  let open: { level: 'ERROR' | 'WARN'; code: number | null; text: string } | undefined
  let isOther = false
  const close = (): void => {
    // The first ones tell the cause and the last one what became of it.
    if (open !== undefined) {
      if (complaints.length === maxComplaints) complaints.pop()
      complaints.push({ ...open, text: open.text.slice(0, maxText) })
    }
    open = undefined
  }
  return {
    take(line: string): void {
      const [, level, code, text = ''] = begin.exec(line) ?? []
      if (level === undefined) {
        if (/^\s/.test(line) && open !== undefined) {
          if (!hint.test(line) && open.text.length < maxText) open.text += ` ${line.trim()}`
        } else if (!isOther && stray.length < 5 && line.trim() !== '') stray.push(line.slice(0, maxText))
        return
      }
      close()
      isOther = level !== 'ERROR' && level !== 'WARN' && level !== 'ASSERT'
      if (isOther) return
      open = {
        level: level === 'WARN' ? 'WARN' : 'ERROR',
        code: code === undefined ? null : Number(code),
        text,
      }
    },
    /** All so far, the first first; lines that are none of pgBackRest's (sudo, ssh, nice) are in `stray`. */
    told(): { readonly complaints: readonly Complaint[]; readonly stray: readonly string[] } {
      close()
      return { complaints, stray }
    },
  }
}
