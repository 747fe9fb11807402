/** Something that may get series of its own. */
export interface Candidate {
  readonly isChosen: boolean
  /** By criterion; 0 has no claim. */
  readonly scores: Float64Array
  /** What it would have. */
  readonly series: number
}

/** By how much another has to be ahead of one that has a place, so that two that are alike do not take turns. */
const advantage = 1.5

/**
 * Those that get a place: the first of each criterion in turn, then the second of each and so on. Who has one keeps it while nobody
 * else wants it.
 * @param limits.places how many
 * @param limits.series that they may have together
 */
export function choose<T extends Candidate>(
  candidates: readonly T[],
  limits: { readonly places: number; readonly series: number },
): ReadonlySet<T> {
  const chosen = new Set<T>()
  let series = 0
  const take = (candidate: T | undefined): void => {
    if (candidate === undefined || chosen.has(candidate) || chosen.size >= limits.places) return
    if (series + candidate.series > limits.series) return
    chosen.add(candidate)
    series += candidate.series
  }
  const criteria = candidates[0]?.scores.length ?? 0
  const rankings = Array.from({ length: criteria }, (_, i) => ranking(candidates, i, limits.places))
  for (let rank = 0; rank < limits.places; rank++) for (const ranked of rankings) take(ranked[rank])
  for (const candidate of candidates) if (candidate.isChosen) take(candidate)
  return chosen
}

/** The best by one criterion. */
function ranking<T extends Candidate>(
  candidates: readonly T[],
  criterion: number,
  places: number,
): readonly T[] {
  const scores = new Float64Array(candidates.length)
  for (let i = 0; i < scores.length; i++) {
    const { isChosen, scores: own } = candidates[i]!
    scores[i] = own[criterion]! * (isChosen ? advantage : 1)
  }
  // Numbers are sorted natively; of objects only those that can be among the best.
  const least = scores.slice().sort()[Math.max(0, scores.length - places)] ?? 0
  const best: number[] = []
  for (let i = 0; i < scores.length; i++) if (scores[i]! > 0 && scores[i]! >= least) best.push(i)
  return best.sort((a, b) => scores[b]! - scores[a]!).map((i) => candidates[i]!)
}
