import type { BackupPolicy } from '../../../../common/backup/backup-policy.ts'
import { readPolicies } from '../../../../agent/backup/policy/read-policy.ts'
import type { PolicyFacts } from '../../../../agent/backup/policy/with-defaults.ts'

export const facts: PolicyFacts = {
  processors: 8,
  engineVersion: '2.45',
  dataDirectory: () => '/var/lib/postgresql/15/main',
}

const repositories = '    repositories: [{kind: local, path: /backup, retention: {full: 2}}]'

/** A file with the cluster pg-main; of one local repository, unless the lines have their own. */
export function fileOf(...lines: readonly string[]): string {
  const own = lines.some((line) => /^(repositories|config: existing)/.test(line))
  return [
    'clusters:',
    '  pg-main:',
    ...(own ? [] : [repositories]),
    ...lines.map((one) => `    ${one}`),
  ].join('\n')
}

export function problemsOf(text: string, known: PolicyFacts = facts): readonly string[] {
  return readPolicies(text, 'backup.yaml', known).problems ?? []
}

/** The policy of pg-main. @throws Error with the mistakes of its file */
export function policyOf(text: string, known: PolicyFacts = facts): BackupPolicy {
  const { policies, problems } = readPolicies(text, 'backup.yaml', known)
  const policy = policies?.get('pg-main')
  if (policy === undefined) throw new Error(problems?.join('\n') ?? 'no pg-main')
  return policy
}
