import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { createGroupCommit } from '../lines/group-commit.ts'
import { openLineFile } from '../lines/line-file.ts'
import type { FileOperations } from '../spool/file-operations.ts'
import { auditEntry } from './entry.ts'
import type { AuditEntry, AuditFact } from './entry.ts'
import { fitFact } from './fit-fact.ts'
import { emptyHead, nextEntry } from './hash-entry.ts'
import type { ChainHead } from './hash-entry.ts'
import { createChainVerifier } from './verify.ts'
import type { Finding } from './verify.ts'

/** An audit chain on disk: entries are added at its end, and never changed. */
export interface AuditChain extends AsyncDisposable {
  /**
   * Resolves with the entry when it is on the disk. Facts keep the order of the calls.
   * @throws PgherdError DISK_FULL, DIRECTORY_UNUSABLE, BUSY; then the fact is not in the chain
   */
  append(fact: AuditFact): Promise<AuditEntry>
  readonly head: ChainHead
  /** Entries after `seq`, in order; lines that are none are left out. */
  read(afterSeq: number, limit: number): Promise<readonly AuditEntry[]>
  /** What was wrong with the chain when it was opened; the first hundred. */
  readonly findings: readonly Finding[]
}

export interface AuditChainOptions {
  /** Its file, in a directory that the caller has locked. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  readonly files?: FileOperations
}

/** An entry's texts have 8,800 characters at most; escaped, each takes up to six bytes. */
export const maxEntryBytes = 64 * 1024

/** Between places of the file that are remembered. */
const stride = 64

/**
 * Opens a chain and reads it through once. What a crash has torn off the end is set aside, and the chain says so;
 * what is wrong elsewhere stays as it is, for `verify` to find.
 * @throws PgherdError DIRECTORY_UNUSABLE
 */
export async function openAuditChain(options: AuditChainOptions): Promise<AuditChain> {
  const { clock, log, path } = options
  const verifier = createChainVerifier()
  let head = emptyHead
  /** Of every `stride`th line: the highest number before it, and where it begins. */
  const places: { readonly before: number; readonly offset: number }[] = []
  let lines = 0
  let highest = 0
  const note = (seq: number, offset: number) => {
    if (lines++ % stride === 0) places.push({ before: highest, offset })
    highest = Math.max(highest, seq)
  }
  const file = await openLineFile({
    path,
    maxLineBytes: maxEntryBytes,
    clock,
    ...(options.files === undefined ? {} : { files: options.files }),
    onLine(line, offset) {
      const entry = parseEntry(line)
      if (entry === undefined) return false
      verifier.take(entry)
      if (entry.seq >= head.seq) head = { seq: entry.seq, hash: entry.hash }
      note(entry.seq, offset)
      return true
    },
  })
  const { findings } = verifier.finish()
  for (const { text } of findings.slice(0, 10)) log.error({ path }, `audit: ${text}`)

  const commit = createGroupCommit<AuditFact, AuditEntry>(
    async (facts) => {
      let last = head
      const entries = facts.map((fact) => {
        const entry = nextEntry(last, clock.now(), fitFact(fact))
        last = { seq: entry.seq, hash: entry.hash }
        return entry
      })
      const offsets = await file.append(entries.map((entry) => JSON.stringify(entry)))
      head = last
      for (const [i, { seq }] of entries.entries()) note(seq, offsets[i]!)
      return entries
    },
    { maxBatch: 1_000, maxWaiting: 10_000 },
  )
  const chain: AuditChain = {
    findings,
    get head() {
      return head
    },
    append: (fact) => commit.add(fact),
    async read(afterSeq, limit) {
      const found: AuditEntry[] = []
      let at = places.findLast(({ before }) => before <= afterSeq)?.offset ?? 0
      while (found.length < limit && at < file.bytes) {
        const bytes = await file.read(at, Math.min(4 * maxEntryBytes, file.bytes - at))
        const end = bytes.lastIndexOf(10)
        if (end < 0) break
        for (const line of bytes.subarray(0, end).toString('utf8').split('\n')) {
          const entry = parseEntry(line)
          if (entry !== undefined && entry.seq > afterSeq && found.length < limit) found.push(entry)
        }
        at += end + 1
      }
      return found
    },
    async [Symbol.asyncDispose]() {
      await commit.settled()
      await file[Symbol.asyncDispose]()
    },
  }
  if (file.torn !== undefined) {
    const { bytes, keptAt } = file.torn
    const outcome = `${bytes} bytes behind the last whole entry were ${keptAt === undefined ? 'cut off; there was no room to keep them' : `set aside as ${keptAt}`}`
    log.warn({ path }, `audit: ${outcome}`)
    // On a full disk the log has said it.
    await chain.append({ ...repair, outcome }).catch(() => undefined)
  }
  return chain
}

const repair: AuditFact = {
  event: 'repaired',
  who: 'pgherd',
  what: 'the end of the audit, torn by a crash',
  where: '',
  why: '',
  command: null,
  outcome: null,
  digest: null,
}

/** The entry that a line holds, if it holds one of the right shape. Its hash may be wrong. */
export function parseEntry(line: string): AuditEntry | undefined {
  try {
    const parsed = auditEntry.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
