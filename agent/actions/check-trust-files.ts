import { parseOperatorsFile } from '../../common/command/operators-file.ts'
import { messageOf } from '../../common/errors.ts'
import { readLocalFileNow } from '../../common/local-file.ts'
import { readPolicy } from './policy/read-policy.ts'
import type { TrustFilesOptions } from './trust.ts'

/**
 * What is wrong with the files of operators and policy, one line per mistake with its place. A file that is not there is no
 * mistake.
 */
export function problemsOfTrustFiles({
  operatorsFile,
  policyFile,
  kinds,
  userId,
}: Omit<TrustFilesOptions, 'log'>): readonly string[] {
  const check = (path: string, parse: (text: string) => { readonly problems: readonly string[] }) => {
    try {
      const text = readLocalFileNow(path, userId)
      return text === undefined ? [] : parse(text).problems
    } catch (error) {
      return [messageOf(error)]
    }
  }
  return [
    ...check(operatorsFile, (text) => parseOperatorsFile(text, operatorsFile)),
    ...check(policyFile, (text) => readPolicy(text, policyFile, kinds)),
  ]
}
