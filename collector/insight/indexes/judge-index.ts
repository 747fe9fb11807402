import type { IndexFact } from '../../../common/insight/index-evidence.ts'
import type { IndexFindingKind, IndexVerdict, MemberEvidence } from '../../../common/insight/index-view.ts'
import { keepReasons, serviceReasons } from './keep-reasons.ts'
import { round } from './member-evidence.ts'

export interface Judgement {
  readonly finding: IndexFindingKind
  readonly verdict: IndexVerdict
  readonly reasons: readonly string[]
  readonly savesBytes: number
}

/** What is known beside the catalogue. */
export interface IndexContext {
  readonly members: readonly MemberEvidence[]
  readonly days: number
  /** Since when the primary knows the index, where it has watched for longer than that; milliseconds. */
  readonly ageMs: number | undefined
  /** Standbys that nobody looks at: one sentence; undefined for none. */
  readonly strangers: string | undefined
  /** One that may go because this one does the same, and that is used, or may be; undefined for none. */
  readonly heirOf: string | undefined
  /** Whether it was valid at an earlier look. */
  readonly wasValid: boolean
}

/** Everything that is to be said of an index. */
export function judgeIndex(fact: IndexFact, context: IndexContext): readonly Judgement[] {
  const overlap = judgeOverlap(fact)
  const unused = fact.isValid && fact.coveredBy === null ? judgeUse(fact, context) : undefined
  const goes = [overlap, unused].some((one) => one?.verdict === 'droppable')
  return [
    ...(overlap === undefined ? [] : [overlap]),
    ...(unused === undefined ? [] : [unused]),
    ...(fact.isValid ? [] : [judgeInvalid(fact, context)]),
    ...(fact.bloat === null || goes || !fact.isValid ? [] : [judgeBloat(fact, fact.bloat)]),
  ]
}

/** Undefined for one that the primary itself uses. */
function judgeUse(fact: IndexFact, context: IndexContext): Judgement | undefined {
  const { members, days, ageMs, strangers, heirOf } = context
  if (members.some(({ role, state }) => role === 'primary' && state === 'used')) return undefined
  const keep = [...keepReasons(fact), ...serviceReasons(fact)]
  const used = members.filter(({ state }) => state === 'used')
  const missing = members.filter(({ state }) => state === 'short' || state === 'silent')
  const saves = (verdict: IndexVerdict, reasons: readonly string[]): Judgement => ({
    ...{ finding: 'unused', verdict, reasons },
    savesBytes: verdict === 'keep' ? 0 : fact.sizeBytes,
  })
  if (keep.length > 0 || used.length > 0) return saves('keep', [...keep, ...used.map(({ text }) => text)])
  if (ageMs !== undefined && ageMs < days * 86_400_000 && missing.every(({ state }) => state === 'short')) {
    const age = round(ageMs / 86_400_000)
    return saves('keep', [`it is younger than ${round(days)} days: seen for the first time ${age} days ago`])
  }
  const lacking = [
    ...(heirOf === undefined
      ? []
      : [`${heirOf} may go because this one does the same for whoever uses that: only one of them can go`]),
    ...missing.map(({ text }) => text),
    ...(strangers === undefined ? [] : [strangers]),
    ...(members.length === 0 ? ['no member of the cluster is known'] : []),
  ]
  if (lacking.length > 0) return saves('needs-evidence', lacking)
  return saves('droppable', [
    `no member of the cluster has used it over the last ${round(days)} days`,
    ...(fact.parts.length === 0
      ? []
      : [
          `it has ${fact.parts.length} parts, and DROP INDEX cannot go CONCURRENTLY: it locks the table with its partitions out, so take a quiet moment and a lock_timeout`,
        ]),
    ...(fact.isPartial ? ['it is partial: look whether something seldom needs it'] : []),
  ])
}

function judgeOverlap(fact: IndexFact): Judgement | undefined {
  if (fact.coveredBy === null) return undefined
  const { index, isEqual } = fact.coveredBy
  const keep = keepReasons(fact)
  return {
    finding: isEqual ? 'duplicate' : 'redundant',
    verdict: keep.length > 0 ? 'keep' : 'droppable',
    reasons: [
      ...keep,
      isEqual
        ? `${index} has the same columns, operator classes, collations, order and predicate`
        : `${index} begins with the same columns in the same order and serves the same queries, if with larger entries`,
    ],
    savesBytes: keep.length > 0 ? 0 : fact.sizeBytes,
  }
}

/** What REINDEX CONCURRENTLY leaves when it is broken off. */
const leftover = /_cc(new|old)\d*$/

function judgeInvalid(fact: IndexFact, { wasValid }: IndexContext): Judgement {
  const keep = keepReasons(fact)
  if (fact.isBeingBuilt) return { finding: 'invalid', verdict: 'keep', reasons: keep, savesBytes: 0 }
  if (wasValid) {
    return {
      finding: 'invalid',
      verdict: 'needs-evidence',
      reasons: [
        'it was valid before: it is on trial (agentctl index trial), or a DROP INDEX CONCURRENTLY was broken off',
        ...keep,
      ],
      savesBytes: 0,
    }
  }
  const isLeft = leftover.test(fact.index)
  return {
    finding: 'invalid',
    verdict: keep.length === 0 && isLeft ? 'droppable' : 'reindex',
    reasons: [
      isLeft
        ? 'a REINDEX CONCURRENTLY that was broken off has left it: no query uses it, and writes may keep it'
        : 'it was built without success: no query uses it, and writes may keep it',
      ...keep,
    ],
    savesBytes: isLeft ? fact.sizeBytes : 0,
  }
}

function judgeBloat(fact: IndexFact, bloat: number): Judgement {
  const percent = Math.round(bloat * 100)
  return {
    finding: 'bloated',
    verdict: 'reindex',
    reasons: [`about ${percent} % of it would be gone in an equal index that is just built (an estimate)`],
    savesBytes: Math.round(fact.sizeBytes * bloat),
  }
}
