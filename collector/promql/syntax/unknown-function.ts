import { editDistance } from '../../../common/edit-distance.ts'
import { unsupportedMetricsql } from './metricsql-signatures.ts'
import { nativeHistogramFunctions, signatures, startTimestampFunctions } from './signatures.ts'

/** What an error says of a function that cannot be called: which it may have meant, or why it does not work here. */
export function unknownFunction(name: string): string {
  if (nativeHistogramFunctions.has(name)) {
    return `${name}() works on native histograms, which are not supported`
  }
  if (startTimestampFunctions.has(name)) return `${name}() needs start timestamps, which are not supported`
  if (unsupportedMetricsql.has(name)) return `MetricsQL's ${name}() is not supported`
  const near = nearestName(name)
  return `unknown function with name "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`
}

const longestName = Math.max(...[...signatures.keys()].map((name) => name.length))

function nearestName(wrong: string): string | undefined {
  const lower = wrong.toLowerCase()
  if (lower.length > longestName + 2) return undefined
  let best: string | undefined
  let bestDistance = lower.length < 6 ? 2 : 3
  for (const name of signatures.keys()) {
    const distance = editDistance(lower, name)
    if (distance >= bestDistance) continue
    best = name
    bestDistance = distance
  }
  return best
}
