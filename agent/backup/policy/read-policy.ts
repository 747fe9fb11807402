import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { readYaml } from '../../../common/config/yaml-records.ts'
import { crossChecks } from './cross-checks.ts'
import { backupFile } from './schema.ts'
import { withDefaults } from './with-defaults.ts'
import type { PolicyFacts } from './with-defaults.ts'

export type ReadPolicies =
  | { readonly policies: ReadonlyMap<string, BackupPolicy>; readonly problems?: never }
  | { readonly policies?: never; readonly problems: readonly string[] }

/**
 * Reads a policy file, of all clusters that it names. Files with secrets are not looked at: `loadPolicies` does.
 * @returns the policies by cluster, or one line for each mistake: file, line, key, what it was, what is allowed
 */
export function readPolicies(text: string, fileName: string, facts: PolicyFacts): ReadPolicies {
  const schema = backupFile.superRefine(({ clusters }, context) => {
    for (const [cluster, file] of Object.entries(clusters)) {
      for (const { path, allowed } of crossChecks(cluster, file, facts)) {
        context.addIssue({ code: 'custom', path: ['clusters', cluster, ...path], message: allowed })
      }
    }
  })
  const read = readYaml(text, fileName, schema)
  if (read.problems !== undefined) return { problems: read.problems }
  const policies = Object.entries(read.value.clusters).map(
    ([cluster, file]) => [cluster, withDefaults(cluster, file, facts)] as const,
  )
  return { policies: new Map(policies) }
}
