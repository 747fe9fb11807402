import type { DatabaseSync } from 'node:sqlite'
import { auditEntry } from '../../common/audit/entry.ts'
import type { AuditEntry } from '../../common/audit/entry.ts'

/** A place in the copy of one agent's audit. Entries of one epoch follow each other without a break. */
export interface MirrorPosition {
  readonly epoch: number
  readonly seq: number
  readonly hash: string
}

/** Why an entry does not continue the copy. */
export type BreakKind = 'gap' | 'rewritten' | 'altered'

/** The copies of the agents' audits in the fleet's database: entries are added and never changed. */
export interface MirrorStore {
  newest(node: string): MirrorPosition | undefined
  hashAt(node: string, epoch: number, seq: number): string | undefined
  insert(node: string, epoch: number, entry: AuditEntry): void
  insertBreak(
    node: string,
    at: { epoch: number; seq: number },
    kind: BreakKind,
    atMs: number,
    detail: string,
  ): void
  read(node: string, epoch: number, afterSeq: number, limit: number): AuditEntry[]
  epochs(): { readonly node: string; readonly newest: number; readonly all: readonly number[] }[]
  breaks(): ReadonlyMap<string, number>
}

export function openMirrorStore(database: DatabaseSync): MirrorStore {
  const newest = database.prepare(
    'SELECT epoch, seq, hash FROM agent_audit WHERE node = ? ORDER BY epoch DESC, seq DESC LIMIT 1',
  )
  const hashAt = database.prepare('SELECT hash FROM agent_audit WHERE node = ? AND epoch = ? AND seq = ?')
  const insert = database.prepare(
    'INSERT INTO agent_audit (node, epoch, seq, hash, entry) VALUES (?, ?, ?, ?, ?)',
  )
  const insertBreak = database.prepare(
    'INSERT OR IGNORE INTO agent_audit_breaks (node, epoch, seq, kind, at_ms, detail) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const read = database.prepare(
    'SELECT entry FROM agent_audit WHERE node = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT ?',
  )
  const epochs = database.prepare('SELECT DISTINCT node, epoch FROM agent_audit')
  const breaks = database.prepare('SELECT node, count(*) AS breaks FROM agent_audit_breaks GROUP BY node')

  return {
    newest(node) {
      const row = newest.get(node)
      return row === undefined
        ? undefined
        : { epoch: Number(row['epoch']), seq: Number(row['seq']), hash: String(row['hash']) }
    },
    hashAt(node, epoch, seq) {
      const hash = hashAt.get(node, epoch, seq)?.['hash']
      return hash === undefined ? undefined : String(hash)
    },
    insert: (node, epoch, entry) =>
      void insert.run(node, epoch, entry.seq, entry.hash, JSON.stringify(entry)),
    insertBreak: (node, { epoch, seq }, kind, atMs, detail) =>
      void insertBreak.run(node, epoch, seq, kind, atMs, detail),
    read: (node, epoch, afterSeq, limit) =>
      read.all(node, epoch, afterSeq, limit).map(({ entry }) => auditEntry.parse(JSON.parse(String(entry)))),
    epochs() {
      const byNode = Map.groupBy(epochs.all(), ({ node }) => String(node))
      return [...byNode].map(([node, rows]) => {
        const all = rows.map(({ epoch }) => Number(epoch)).sort((a, b) => a - b)
        return { node, newest: all.at(-1) ?? 0, all }
      })
    },
    breaks: () => new Map(breaks.all().map((row) => [String(row['node']), Number(row['breaks'])])),
  }
}
