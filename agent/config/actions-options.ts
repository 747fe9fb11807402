import { boolean, path, url } from '../../common/config/kinds.ts'
import { option, optional } from '../../common/config/option-table.ts'

export const actionsOptions = {
  'actions.enabled': option(
    boolean,
    'whether commands are taken from operators whose keys this host knows',
    true,
  ),
  'actions.operators_file': option(
    path,
    "the operators' public keys, one per line as `agentctl key` prints them; without the file nobody commands",
    '/etc/pgherd/operators',
  ),
  'actions.policy_file': option(
    path,
    'what they may do; without the file only what reads',
    '/etc/pgherd/policy.yaml',
  ),
  'actions.directory': optional(
    path,
    'where commands and the audit are written down; `actions` beside spool.directory by default',
  ),
  'actions.postgres_url': optional(
    url(['postgres', 'postgresql']),
    "how commands reach postgres.url's server, for a role of their own; as postgres.url by default",
  ),
  'actions.password_file': optional(
    path,
    'its password; as postgres.password_file by default, if the user is the same',
  ),
} as const
